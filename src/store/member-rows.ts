import type { By } from "../actors/collecte/state.ts";
import type { Delegation, Member, MemberRole, Right } from "../actors/runtime/ports.ts";

/** A row of `members`, named as Member is. */
export interface MemberColumns extends Omit<Member, "rollNumber" | "leftAt"> {
  role: MemberRole;
  rollNumber: string | null;
  leftAt: number | null;
  fingerprint: string | null;
}

/** Every member of every firm: a WHERE must follow. */
export const membersSql = `
  SELECT id, firm_id AS "firmId", role, roll_number AS "rollNumber", first_name AS "firstName",
    last_name AS "lastName", email, phone, version, left_at AS "leftAt", fingerprint FROM members`;

export function memberIn({ rollNumber, leftAt, fingerprint: _, ...member }: MemberColumns): Member {
  return { ...member, ...(rollNumber !== null && { rollNumber }), ...(leftAt !== null && { leftAt }) };
}

/** A row of `delegations`; lists and who did it are JSON. */
export interface DelegationColumns {
  id: string;
  firmId: string;
  expertId: string;
  memberId: string;
  rights: string;
  documentTypes: string | null;
  fromAt: number | null;
  untilAt: number | null;
  givenBy: string;
  givenAt: number;
  revokedBy: string | null;
  revokedAt: number | null;
  fingerprint: string | null;
}

/** Every delegation of every firm: a WHERE must follow. */
export const delegationsSql = `
  SELECT delegations.id, delegations.firm_id AS "firmId", expert_id AS "expertId", member_id AS "memberId", rights,
    document_types AS "documentTypes", from_at AS "fromAt", until_at AS "untilAt", given_by AS "givenBy",
    given_at AS "givenAt", revoked_by AS "revokedBy", revoked_at AS "revokedAt", delegations.fingerprint
  FROM delegations`;

export function delegationIn(row: DelegationColumns): Delegation {
  const { id, firmId, expertId, memberId, givenAt, documentTypes, fromAt, untilAt, revokedBy, revokedAt } =
    row;
  return {
    id,
    firmId,
    expertId,
    memberId,
    rights: JSON.parse(row.rights) as Right[],
    ...(documentTypes !== null && { documentTypes: JSON.parse(documentTypes) as string[] }),
    ...(fromAt !== null && { from: fromAt }),
    ...(untilAt !== null && { until: untilAt }),
    givenBy: JSON.parse(row.givenBy) as By,
    givenAt,
    ...(revokedBy !== null && { revokedBy: JSON.parse(revokedBy) as By }),
    ...(revokedAt !== null && { revokedAt }),
  };
}
