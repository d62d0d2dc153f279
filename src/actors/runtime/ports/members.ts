import type { By } from "../../collecte/state.ts";
import type { Instant } from "../ports.ts";

/** An expert is on the roll of the Order and has every right in their firm; a collaborator has what experts let them do. */
export type MemberRole = "expert" | "collaborator";

/** What an expert may let a collaborator do. */
export type Right = "prepare" | "launch" | "sign" | "seal";

export interface Member {
  id: string;
  firmId: string;
  role: MemberRole;
  /** An expert's, on the roll of the Order. */
  rollNumber?: string;
  firstName: string;
  lastName: string;
  email: string;
  phone: string;
  version: number;
  /** Since when they are no member any more. */
  leftAt?: Instant;
}

/** What is said of a new member. */
export type NewMember = Pick<Member, "role" | "rollNumber" | "firstName" | "lastName" | "email" | "phone">;

/** What an expert lets a collaborator do. It is never changed: it is revoked and another one given. */
export interface Delegation {
  id: string;
  firmId: string;
  expertId: string;
  memberId: string;
  rights: Right[];
  /** For documents of these types only; of all types when absent. */
  documentTypes?: string[];
  /** From this instant on, and until before that one. */
  from?: Instant;
  until?: Instant;
  givenBy: By;
  givenAt: Instant;
  revokedBy?: By;
  revokedAt?: Instant;
}

export type NewDelegation = Pick<
  Delegation,
  "expertId" | "memberId" | "rights" | "documentTypes" | "from" | "until" | "givenBy"
>;

/** Why something was not changed. */
export type StaffRefusal =
  | "not_found"
  | "email_taken"
  | "version_changed"
  | "member_left"
  | "expert_unknown"
  | "collaborator_unknown"
  | "last_expert";

export type Changed<T, R = StaffRefusal> = { ok: true; value: T } | { ok: false; code: R };

/** The request that makes something: the same id with another fingerprint is another request with a used key. */
export interface Making {
  id: string;
  fingerprint?: string;
}

/**
 * The people of firms, as the door changes them. Every call names the firm, and finds nothing of another one. What is
 * made twice under one id is made once; throws `KeyReused` when the fingerprint differs.
 */
export interface Staff {
  /** Those who left as well. */
  members(firmId: string): Promise<Member[]>;
  member(firmId: string, id: string): Promise<Member | undefined>;
  addMember(firmId: string, making: Making, member: NewMember): Promise<Changed<Member>>;
  /** Of another e-mail the certificate is revoked with it; `version`: only if it is that one still. */
  changeMember(
    firmId: string,
    id: string,
    changes: Partial<NewMember>,
    by: By,
    version?: number,
  ): Promise<Changed<Member>>;
  /** Ends their sessions and delegations, those that they gave as well, and revokes their certificate. */
  leave(firmId: string, id: string, by: By, version?: number): Promise<Changed<Member>>;
  /** Those that were revoked as well, newest first. */
  delegations(firmId: string): Promise<Delegation[]>;
  delegation(firmId: string, id: string): Promise<Delegation | undefined>;
  /** Not revoked, and given by somebody who is an expert of the firm still; their dates are not looked at. */
  delegationsTo(firmId: string, memberId: string): Promise<Delegation[]>;
  delegate(firmId: string, making: Making, delegation: NewDelegation): Promise<Changed<Delegation>>;
  revokeDelegation(firmId: string, id: string, by: By): Promise<Changed<Delegation>>;
}

/** A member who signed in. */
export interface MemberSession {
  id: string;
  firmId: string;
  memberId: string;
  expiresAt: Instant;
}

/** Sessions of members: 12 hours at most, and over after an hour without a request. */
export interface MemberSessions {
  /** By SHA-256 (hex) of its token; prolongs the hour. Undefined when it is over. */
  use(hash: string): Promise<MemberSession | undefined>;
  end(id: string): Promise<void>;
}

/** A member's own certificate, without its key. */
export interface MemberCertificate {
  serialHex: string;
  sha256: string;
  notBefore: Instant;
  notAfter: Instant;
  revokedAt?: Instant;
}

/** Certificates of members: one living one a person. */
export interface MemberCertificates {
  /** All that they ever had, oldest first. */
  of(memberId: string): Promise<MemberCertificate[]>;
  /**
   * Makes the one that was ordered then; a second call finds it. Throws `Terminal("certificate_exists")` when there is
   * an older living one, and `Terminal("member_missing")`.
   */
  issue(firmId: string, memberId: string, orderedAt: Instant): Promise<MemberCertificate>;
  /** The living one; false when there is none. */
  revoke(memberId: string): Promise<boolean>;
}
