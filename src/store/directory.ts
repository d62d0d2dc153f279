import { randomBytes } from "node:crypto";
import { newId } from "../actors/runtime/ids.ts";
import type { Clock, Directory, Firm, Member } from "../actors/runtime/ports.ts";
import { digestOf } from "../actors/runtime/secrets.ts";
import type { Models } from "./models.ts";

/** The directory with what the command line adds to it. */
export interface WritableDirectory extends Directory {
  addFirm(firm: Omit<Firm, "id">): Promise<Firm>;
  addMember(member: Omit<Member, "id">): Promise<Member>;
  /** The key in clear, shown once; only its SHA-256 is kept. */
  addApiKey(firmId: string): Promise<{ id: string; apiKey: string }>;
}

/** How long a firm, member or key that was read may be answered from memory. */
const freshMs = 5_000;

export function createDirectory(models: Models, clock: Clock): WritableDirectory {
  const firms = remember(clock, async (id) => {
    const row = await models.Firm.findByPk(id, { raw: true });
    return row ? { id: row.id, name: row.name, email: row.email, country: row.country } : undefined;
  });
  const keys = remember(clock, async (hash) => {
    const row = await models.ApiKey.findOne({ where: { hash, revokedAt: null }, raw: true });
    return row ? { keyId: row.id, firmId: row.firmId } : undefined;
  });
  return {
    firm: firms,
    apiKey: keys,
    async members(firmId) {
      return (await models.Member.findAll({ where: { firmId }, order: ["id"], raw: true })).map(memberOf);
    },
    async member(firmId, id) {
      const row = await models.Member.findOne({ where: { firmId, id }, raw: true });
      return row ? memberOf(row) : undefined;
    },
    async addFirm(firm) {
      const added = { id: newId("firm", clock.now()), ...firm };
      await models.Firm.create({ ...added, createdAt: clock.now() });
      return added;
    },
    async addMember(member) {
      const added = { id: newId("mem", clock.now()), ...member };
      await models.Member.create({ ...added, createdAt: clock.now() });
      return added;
    },
    async addApiKey(firmId) {
      const apiKey = `ck_${randomBytes(32).toString("base64url")}`;
      const id = newId("key", clock.now());
      await models.ApiKey.create({ id, firmId, hash: digestOf(apiKey), createdAt: clock.now() });
      return { id, apiKey };
    },
  };
}

function memberOf(row: Member): Member {
  const { id, firmId, firstName, lastName, email, phone } = row;
  return { id, firmId, firstName, lastName, email, phone };
}

/** What was found is answered from memory for a few seconds; what wasn't is looked up each time. */
function remember<T>(clock: Clock, find: (id: string) => Promise<T | undefined>) {
  const known = new Map<string, { value: T; until: number }>();
  return async (id: string): Promise<T | undefined> => {
    const kept = known.get(id);
    if (kept && clock.now() < kept.until) return kept.value;
    const value = await find(id);
    if (value === undefined) known.delete(id);
    else known.set(id, { value, until: clock.now() + freshMs });
    return value;
  };
}
