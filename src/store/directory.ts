import { randomBytes } from "node:crypto";
import type { Transaction } from "sequelize";
import { newId } from "../actors/runtime/ids.ts";
import type {
  ApiKeyOwner,
  Clock,
  Directory,
  Firm,
  FirmSettings,
  Firms,
  Member,
  MemberRole,
  NewMember,
} from "../actors/runtime/ports.ts";
import { digestOf, type Secrets } from "../actors/runtime/secrets.ts";
import type { Database } from "./database.ts";
import { scopesIn } from "./key-scopes.ts";
import { logoOf } from "./logos.ts";
import { type MemberColumns, memberIn, membersSql } from "./member-rows.ts";
import type { Models } from "./models.ts";
import { remember } from "./remember.ts";

/** The directory with what the command line adds to it. */
export interface WritableDirectory extends Directory {
  addFirm(firm: Omit<Firm, "id" | "allowsEmbeddedFiles" | "settings">): Promise<Firm>;
  /** In place of those that it had; answers false when there is no such firm. */
  setSettings(firmId: string, settings: FirmSettings): Promise<boolean>;
  /** Whether files may be embedded in the firm's documents; answers false when there is no such firm. */
  allowEmbeddedFiles(firmId: string, allowed: boolean): Promise<boolean>;
  /** An expert unless said. */
  addMember(
    member: Omit<NewMember, "role"> & Pick<Member, "firmId"> & { role?: MemberRole },
  ): Promise<Member>;
  /** By its id alone, whichever firm it belongs to. */
  anyMember(id: string): Promise<Member | undefined>;
  /** The key in clear, shown once; only its SHA-256 is kept. */
  addApiKey(firmId: string): Promise<{ id: string; apiKey: string }>;
}

// Every request begins with these reads; Sequelize would ask the database for the table's columns before each.
const firmOf = `
  SELECT id, name, email, country, allow_embedded_files AS "embedded", settings FROM firms WHERE id = $1`;
const ownerOf = `
  SELECT id AS "keyId", firm_id AS "firmId", scopes FROM api_keys WHERE hash = $1 AND revoked_at IS NULL`;
const anyMemberOf = `${membersSql} WHERE id = $1`;
const memberOf = `${membersSql} WHERE firm_id = $1 AND id = $2`;
const presentMembersOf = `${membersSql} WHERE firm_id = $1 AND left_at IS NULL ORDER BY id`;

interface FirmColumns {
  id: string;
  name: string;
  email: string;
  country: string;
  embedded: number;
  settings: string;
}

/** The firm as it is committed. */
async function readFirm(
  { reader }: Pick<Database, "reader">,
  secrets: Pick<Secrets, "unwrap">,
  id: string,
): Promise<Firm | undefined> {
  const [row] = await reader.all<FirmColumns>(firmOf, id);
  if (row === undefined) return undefined;
  const { embedded, settings, ...columns } = row;
  const firm = { ...columns, settings: opened(settings, secrets) };
  return Number(embedded) === 1 ? { ...firm, allowsEmbeddedFiles: true } : firm;
}

/** Firms as the door changes them. */
export function createFirms(
  database: Pick<Database, "reader" | "together">,
  models: Models,
  secrets: Pick<Secrets, "wrap" | "unwrap">,
): Firms {
  const read = (id: string) => readFirm(database, secrets, id);
  return {
    read,
    change: (id, change) =>
      database.together(async (transaction) => {
        const before = await read(id);
        if (!before) return undefined;
        const { email, settings, allowsEmbeddedFiles = false } = change(before);
        const allowEmbeddedFiles = allowsEmbeddedFiles ? 1 : 0;
        const values = { email, settings: sealed(settings, secrets), allowEmbeddedFiles };
        await models.Firm.update(values, { where: { id }, transaction });
        return { ...before, email, settings, allowsEmbeddedFiles };
      }),
  };
}

/** Firms, members and API keys. Additions belong to `transaction`, if there is one; reads see what is committed. */
export function createDirectory(
  { reader }: Pick<Database, "reader">,
  models: Models,
  secrets: Pick<Secrets, "wrap" | "unwrap">,
  clock: Clock,
  transaction: Transaction | null = null,
): WritableDirectory {
  return {
    firm: remember(clock, (id) => readFirm({ reader }, secrets, id)),
    apiKey: remember(clock, async (hash) => {
      const [owner] = await reader.all<Omit<ApiKeyOwner, "scopes"> & { scopes: string }>(ownerOf, hash);
      return owner && { ...owner, scopes: scopesIn(owner.scopes) };
    }),
    logo: remember(clock, async (firmId) => {
      const [found] = await reader.all<{ image: string }>(logoOf, firmId);
      return found && Buffer.from(found.image, "base64");
    }),
    members: async (firmId) => (await reader.all<MemberColumns>(presentMembersOf, firmId)).map(memberIn),
    async member(firmId, id) {
      const [row] = await reader.all<MemberColumns>(memberOf, firmId, id);
      return row && memberIn(row);
    },
    async anyMember(id) {
      const [row] = await reader.all<MemberColumns>(anyMemberOf, id);
      return row && memberIn(row);
    },
    async addFirm(firm) {
      const added = { id: newId("firm", clock.now()), ...firm };
      await models.Firm.create({ ...added, createdAt: clock.now() }, { transaction });
      return { ...added, settings: {} };
    },
    async setSettings(firmId, settings) {
      const where = { where: { id: firmId }, transaction };
      const [changed] = await models.Firm.update({ settings: sealed(settings, secrets) }, where);
      return changed === 1;
    },
    async allowEmbeddedFiles(firmId, allowed) {
      const changes = { allowEmbeddedFiles: allowed ? 1 : 0 };
      const [changed] = await models.Firm.update(changes, { where: { id: firmId }, transaction });
      return changed === 1;
    },
    async addMember(member) {
      const added = { id: newId("mem", clock.now()), role: "expert" as const, version: 1, ...member };
      await models.Member.create({ ...added, createdAt: clock.now() }, { transaction });
      return added;
    },
    async addApiKey(firmId) {
      const apiKey = `ck_${randomBytes(32).toString("base64url")}`;
      const id = newId("key", clock.now());
      const added = { id, firmId, hash: digestOf(apiKey), createdAt: clock.now() };
      await models.ApiKey.create(added, { transaction });
      return { id, apiKey };
    },
  };
}

function sealed(settings: FirmSettings, secrets: Pick<Secrets, "wrap">): string {
  return secrets.wrap(Buffer.from(JSON.stringify(settings))).toString("base64");
}

/** Sealed, since they hold the keys of object stores. */
function opened(settings: string, secrets: Pick<Secrets, "unwrap">): FirmSettings {
  return settings === "" ? {} : JSON.parse(secrets.unwrap(Buffer.from(settings, "base64")).toString());
}
