import type { Transaction } from "sequelize";
import type { By } from "../actors/collecte/state.ts";
import type { Delegation, Instant, Making, Member } from "../actors/runtime/ports.ts";
import type { Database, Value } from "./database.ts";
import {
  type DelegationColumns,
  delegationIn,
  delegationsSql,
  type MemberColumns,
  memberIn,
  membersSql,
} from "./member-rows.ts";

/** A row with the fingerprint of the request that made it. */
export interface Made<T> {
  value: T;
  fingerprint: string | null;
}

/** Members and delegations as rows: what may be done to them is said in src/identity/staff.ts. */
export interface People {
  members(firmId: string): Promise<Member[]>;
  member(firmId: string, id: string): Promise<Made<Member> | undefined>;
  /** By its id alone, whichever firm it belongs to. */
  anyMember(id: string): Promise<Member | undefined>;
  /** Whom a provider knows by this name, in whatever firm. */
  membersBoundTo(issuer: string, subject: string): Promise<Member[]>;
  /** With this address in any case of letters, in whatever firm, and not bound to anybody at this provider. */
  unboundMembers(issuer: string, email: string): Promise<Member[]>;
  bind(issuer: string, subject: string, memberId: string, at: Instant): Promise<void>;
  addMember(member: Member, making: Making, at: Instant): Promise<void>;
  /** All that can be changed of it; the caller says the new version. */
  putMember(member: Member): Promise<void>;
  delegations(firmId: string): Promise<Delegation[]>;
  delegation(firmId: string, id: string): Promise<Made<Delegation> | undefined>;
  delegationsTo(firmId: string, memberId: string): Promise<Delegation[]>;
  addDelegation(delegation: Delegation, making: Making): Promise<void>;
  revokeDelegation(id: string, by: By, at: Instant): Promise<void>;
  /** Those that they gave and those that they have. */
  revokeDelegationsOf(memberId: string, by: By, at: Instant): Promise<void>;
  /** Those that they gave only. */
  revokeDelegationsFrom(expertId: string, by: By, at: Instant): Promise<void>;
}

const livingDelegationsTo = `
  ${delegationsSql} JOIN members ON members.id = delegations.expert_id
  WHERE delegations.firm_id = $1 AND member_id = $2 AND revoked_at IS NULL AND left_at IS NULL AND role = 'expert'
  ORDER BY delegations.id`;

const boundTo = `
  ${membersSql} WHERE id IN (SELECT member_id FROM member_identities WHERE issuer = $1 AND subject = $2) ORDER BY id`;
const unbound = `
  ${membersSql} WHERE lower(email) = lower($1) AND left_at IS NULL
    AND id NOT IN (SELECT member_id FROM member_identities WHERE issuer = $2) ORDER BY id`;

const revocation = "UPDATE delegations SET revoked_by = :by, revoked_at = :at WHERE revoked_at IS NULL";

/** Additions belong to `transaction`, if there is one; reads see what is committed. */
export function createPeople(
  { reader, sequelize }: Pick<Database, "reader" | "sequelize">,
  transaction: Transaction | null = null,
): People {
  const write = async (sql: string, replacements: Record<string, Value>): Promise<void> => {
    await sequelize.query(sql, { replacements, transaction });
  };

  return {
    async members(firmId) {
      const rows = await reader.all<MemberColumns>(`${membersSql} WHERE firm_id = $1 ORDER BY id`, firmId);
      return rows.map(memberIn);
    },
    async member(firmId, id) {
      const sql = `${membersSql} WHERE firm_id = $1 AND id = $2`;
      const [row] = await reader.all<MemberColumns>(sql, firmId, id);
      return row && { value: memberIn(row), fingerprint: row.fingerprint };
    },
    async anyMember(id) {
      const [row] = await reader.all<MemberColumns>(`${membersSql} WHERE id = $1`, id);
      return row && memberIn(row);
    },
    async membersBoundTo(issuer, subject) {
      const rows = await reader.all<MemberColumns>(boundTo, issuer, subject);
      return rows.map(memberIn);
    },
    async unboundMembers(issuer, email) {
      const rows = await reader.all<MemberColumns>(unbound, email, issuer);
      return rows.map(memberIn);
    },
    bind: (issuer, subject, memberId, at) =>
      write(
        `INSERT INTO member_identities (issuer, subject, member_id, bound_at)
         VALUES (:issuer, :subject, :memberId, :at)`,
        { issuer, subject, memberId, at },
      ),
    addMember: (member, { fingerprint = null }, at) =>
      write(
        `INSERT INTO members (id, firm_id, role, roll_number, first_name, last_name, email, phone, version,
           fingerprint, created_at)
         VALUES (:id, :firmId, :role, :rollNumber, :firstName, :lastName, :email, :phone, :version,
           :fingerprint, :at)`,
        { ...memberValues(member), fingerprint, at },
      ),
    putMember: (member) =>
      write(
        `UPDATE members SET role = :role, roll_number = :rollNumber, first_name = :firstName,
           last_name = :lastName, email = :email, phone = :phone, version = :version, left_at = :leftAt
         WHERE id = :id AND firm_id = :firmId`,
        memberValues(member),
      ),
    async delegations(firmId) {
      const sql = `${delegationsSql} WHERE firm_id = $1 ORDER BY id DESC`;
      return (await reader.all<DelegationColumns>(sql, firmId)).map(delegationIn);
    },
    async delegation(firmId, id) {
      const sql = `${delegationsSql} WHERE firm_id = $1 AND id = $2`;
      const [row] = await reader.all<DelegationColumns>(sql, firmId, id);
      return row && { value: delegationIn(row), fingerprint: row.fingerprint };
    },
    async delegationsTo(firmId, memberId) {
      const rows = await reader.all<DelegationColumns>(livingDelegationsTo, firmId, memberId);
      return rows.map(delegationIn);
    },
    addDelegation: (delegation, { fingerprint = null }) =>
      write(
        `INSERT INTO delegations (id, firm_id, expert_id, member_id, rights, document_types, from_at, until_at,
           given_by, given_at, fingerprint)
         VALUES (:id, :firmId, :expertId, :memberId, :rights, :documentTypes, :fromAt, :untilAt,
           :givenBy, :givenAt, :fingerprint)`,
        { ...delegationValues(delegation), fingerprint },
      ),
    revokeDelegation: (id, by, at) => write(`${revocation} AND id = :id`, { by: JSON.stringify(by), at, id }),
    revokeDelegationsOf: (id, by, at) =>
      write(`${revocation} AND (expert_id = :id OR member_id = :id)`, { by: JSON.stringify(by), at, id }),
    revokeDelegationsFrom: (id, by, at) =>
      write(`${revocation} AND expert_id = :id`, { by: JSON.stringify(by), at, id }),
  };
}

function memberValues({ rollNumber, leftAt, ...member }: Member) {
  return { ...member, rollNumber: rollNumber ?? null, leftAt: leftAt ?? null };
}

function delegationValues({ rights, documentTypes, from, until, givenBy, ...rest }: Delegation) {
  const { id, firmId, expertId, memberId, givenAt } = rest;
  return {
    ...{ id, firmId, expertId, memberId, givenAt },
    rights: JSON.stringify(rights),
    documentTypes: documentTypes === undefined ? null : JSON.stringify(documentTypes),
    fromAt: from ?? null,
    untilAt: until ?? null,
    givenBy: JSON.stringify(givenBy),
  };
}
