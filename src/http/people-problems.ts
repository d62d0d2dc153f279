import type { RefusalCode } from "../actors/collecte/refusals.ts";
import type { MemberRefusalCode } from "../actors/member/refusals.ts";
import type { ProblemKind } from "./problems.ts";

/** Refusals of members' codes (actors/member/refusals.ts) that are not those of signatories. */
const memberRefusals = {
  bound_changed: {
    status: 409,
    title: "What the code was asked for has changed",
    detail: "Look at it again and ask for a new code.",
  },
  member_locked: {
    status: 403,
    title: "This member is locked",
    detail: "10 wrong codes in 24 hours. An expert of the firm must unlock them.",
  },
  not_locked: { status: 409, title: "This member is not locked", detail: "Nothing is left to do." },
} satisfies Record<Exclude<MemberRefusalCode, RefusalCode>, ProblemKind>;

/** What the door says of members, rights, keys and signing in. */
export const peopleProblems = {
  ...memberRefusals,
  acting_member_unknown: {
    status: 403,
    title: "There is no such member to act for",
    detail:
      "Give the id of a member of the firm who has not left as Acting-Member; a session is its own member's.",
  },
  not_a_logo: {
    status: 422,
    title: "This can't be a logo",
    detail: "Send a PNG or a JPEG of at most a million pixels; reason says what is wrong.",
  },
  certificate_exists: {
    status: 409,
    title: "This member has a certificate",
    detail: "One living certificate a person: revoke it first (POST /v1/me/certificate/revocation).",
  },
  certificate_missing: {
    status: 409,
    title: "This member has no certificate",
    detail: "Nothing is left to do.",
  },
  collaborator_unknown: {
    status: 422,
    title: "There is no such collaborator",
    detail: "Give the id of a collaborator of the firm who has not left; an expert needs no delegation.",
  },
  delegation_of_another: {
    status: 403,
    title: "This is another expert's delegation",
    detail: "Experts give and revoke what is theirs; a key with the scope members does it for anybody.",
  },
  email_taken: {
    status: 409,
    title: "A member of the firm has this e-mail",
    detail: "One entry a person: change that member, or let them leave first.",
  },
  expert_needed: {
    status: 403,
    title: "This is for experts only",
    detail: "Another expert of the firm may do it, or a program with a key that has the scope.",
  },
  expert_unknown: {
    status: 422,
    title: "There is no such expert",
    detail: "Give the id of an expert of the firm who has not left.",
  },
  last_expert: {
    status: 409,
    title: "This is the firm's last expert",
    detail: "Add another expert first: without one nobody could give rights.",
  },
  member_left: {
    status: 409,
    title: "This member has left the firm",
    detail: "Who comes back is added anew.",
  },
  member_needed: {
    status: 403,
    title: "This is for a member",
    detail: "Sign in as a member, or say for whom the program acts: Acting-Member: mem_….",
  },
  member_session_invalid: {
    status: 401,
    title: "This session is over",
    detail: "Sign in again: GET /v1/sign-in tells how.",
  },
  right_missing: {
    status: 403,
    title: "The right to do this is missing",
    detail:
      "An expert of the firm can delegate the right that is named, for the document type that is named. To sign is never a program's own right.",
  },
  scope_missing: {
    status: 403,
    title: "The API key may not do this",
    detail: "Use a key that has the scope that is named.",
  },
  sign_in_ambiguous: {
    status: 409,
    title: "This person is a member of several firms",
    detail: "Say which: GET /v1/sign-in/…?firm=firm_….",
  },
  sign_in_failed: {
    status: 403,
    title: "The sign-in failed",
    detail: "Begin again in the same browser; codes live a minute and work once.",
  },
  sign_in_unavailable: {
    status: 503,
    title: "The identity provider does not answer",
    detail: "Try again in a few minutes.",
  },
  sign_in_unknown: {
    status: 403,
    title: "No firm has this person as a member",
    detail: "An expert of the firm adds them, with the e-mail that the identity provider has verified.",
  },
} satisfies Record<string, ProblemKind>;
