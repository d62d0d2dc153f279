import { randomBytes } from "node:crypto";
import type { Transaction } from "sequelize";
import { newId } from "../actors/runtime/ids.ts";
import type { ApiKeyOwner, Clock, Directory, Firm, Member } from "../actors/runtime/ports.ts";
import { digestOf } from "../actors/runtime/secrets.ts";
import type { Database } from "./database.ts";
import type { Models } from "./models.ts";
import { remember } from "./remember.ts";

/** The directory with what the command line adds to it. */
export interface WritableDirectory extends Directory {
  addFirm(firm: Omit<Firm, "id">): Promise<Firm>;
  /** In place of the one that it had. */
  setLogo(firmId: string, image: Uint8Array): Promise<void>;
  addMember(member: Omit<Member, "id">): Promise<Member>;
  /** By its id alone, whichever firm it belongs to. */
  anyMember(id: string): Promise<Member | undefined>;
  changeEmail(memberId: string, email: string): Promise<void>;
  /** The key in clear, shown once; only its SHA-256 is kept. */
  addApiKey(firmId: string): Promise<{ id: string; apiKey: string }>;
}

// Every request begins with these reads; Sequelize would ask the database for the table's columns before each.
const firmOf = "SELECT id, name, email, country FROM firms WHERE id = $1";
const logoOf = "SELECT image FROM firm_logos WHERE firm_id = $1";
const ownerOf = `
  SELECT id AS "keyId", firm_id AS "firmId" FROM api_keys WHERE hash = $1 AND revoked_at IS NULL`;
const allMembers = `
  SELECT id, firm_id AS "firmId", first_name AS "firstName", last_name AS "lastName", email, phone FROM members`;
const anyMemberOf = `${allMembers} WHERE id = $1`;
const membersOf = `${allMembers} WHERE firm_id = $1`;
const memberOf = `${membersOf} AND id = $2`;
const allMembersOf = `${membersOf} ORDER BY id`;

/** Firms, members and API keys. Additions belong to `transaction`, if there is one; reads see what is committed. */
export function createDirectory(
  { reader }: Pick<Database, "reader">,
  models: Models,
  clock: Clock,
  transaction: Transaction | null = null,
): WritableDirectory {
  return {
    firm: remember(clock, async (id) => (await reader.all<Firm>(firmOf, id))[0]),
    apiKey: remember(clock, async (hash) => (await reader.all<ApiKeyOwner>(ownerOf, hash))[0]),
    logo: remember(clock, async (firmId) => {
      const [found] = await reader.all<{ image: string }>(logoOf, firmId);
      return found && Buffer.from(found.image, "base64");
    }),
    members: (firmId) => reader.all<Member>(allMembersOf, firmId),
    member: async (firmId, id) => (await reader.all<Member>(memberOf, firmId, id))[0],
    anyMember: async (id) => (await reader.all<Member>(anyMemberOf, id))[0],
    async changeEmail(memberId, email) {
      await models.Member.update({ email }, { where: { id: memberId }, transaction });
    },
    async addFirm(firm) {
      const added = { id: newId("firm", clock.now()), ...firm };
      await models.Firm.create({ ...added, createdAt: clock.now() }, { transaction });
      return added;
    },
    async setLogo(firmId, image) {
      const row = { firmId, image: Buffer.from(image).toString("base64"), createdAt: clock.now() };
      await models.FirmLogo.upsert(row, { transaction });
    },
    async addMember(member) {
      const added = { id: newId("mem", clock.now()), ...member };
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
