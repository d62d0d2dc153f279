import type { RefusalCode } from "../actors/collecte/refusals.ts";
import type { ProblemKind } from "./problems.ts";

/** Refusals of the law of collectes (actors/collecte/refusals.ts). */
export const collecteProblems = {
  already_created: {
    status: 409,
    title: "This collecte exists already",
    detail: "Read it by its id; to make another one, send another Idempotency-Key.",
  },
  already_signed: {
    status: 409,
    title: "This signatory has signed",
    detail: "Nothing is left to do: a signature can't be taken back.",
  },
  collecte_ended: {
    status: 409,
    title: "The collecte has ended",
    detail:
      "It was completed, refused or cancelled, or has reached its deadline. Ask the firm for a new one if needed.",
  },
  consent_needed: {
    status: 409,
    title: "No code is waiting for an answer",
    detail: "Send the consent (POST /v1/signing/consent) to receive a new code, then sign with that one.",
  },
  documents_changed: {
    status: 409,
    title: "The documents have changed",
    detail: "Somebody signed in the meantime. Read the documents again, then consent again.",
  },
  draft_changed: {
    status: 409,
    title: "The draft was revised at the same time",
    detail:
      "Its document type or its seals changed while your delegation was judged. Read it, then try again.",
  },
  link_dead: {
    status: 410,
    title: "This link no longer works",
    detail: "Use the link of the latest e-mail, or ask the firm that sent it.",
  },
  no_steps: { status: 422, title: "The collecte has no steps", detail: "Give at least one step." },
  no_documents: {
    status: 422,
    title: "The collecte has no documents",
    detail: "Give at least one document.",
  },
  not_due: { status: 409, title: "It is not time yet", detail: "Try again when the deadline has passed." },
  not_found: {
    status: 404,
    title: "There is no such thing here",
    detail: "Check the address and the id; what belongs to another firm is not found either.",
  },
  not_launched: {
    status: 409,
    title: "The collecte is not launched",
    detail: "Launch it first (POST /v1/collectes/{id}/launch).",
  },
  not_ordered: { status: 409, title: "No such signature was ordered", detail: "Read the collecte again." },
  not_draft: {
    status: 409,
    title: "The collecte is not a draft any more",
    detail: "It was launched, cancelled or given up: read it to see where it stands.",
  },
  otp_expired: {
    status: 410,
    title: "The code has expired",
    detail: "A code lives 30 minutes, or 10 where the firm chose so. Consent again to receive a new one.",
  },
  otp_too_many: {
    status: 429,
    title: "Too many codes were sent",
    detail: "At most 3 codes in 30 minutes: try again after retryAfterSeconds.",
  },
  otp_too_soon: {
    status: 429,
    title: "A code was sent a moment ago",
    detail: "Wait for it to arrive; a new one may be asked for after retryAfterSeconds.",
  },
  otp_used_up: {
    status: 410,
    title: "The code was tried too often",
    detail: "A code dies after 5 wrong answers. Consent again to receive a new one.",
  },
  otp_wrong: {
    status: 422,
    title: "The code is wrong",
    detail: "Compare it with the latest SMS and try again; triesLeft says how often.",
  },
  out_of_turn: {
    status: 409,
    title: "It is not this signatory's turn",
    detail: "The steps before must be done first; an e-mail tells the signatory when.",
  },
  session_changed: {
    status: 409,
    title: "The code was asked for in another session",
    detail: "Sign in the window where the code was asked for, or consent again in this one.",
  },
  signatory_locked: {
    status: 403,
    title: "This signatory is locked",
    detail: "10 wrong codes in 24 hours. The firm must act.",
  },
  signature_in_progress: {
    status: 409,
    title: "A signature is being made",
    detail: "Wait a few seconds, then read the state again.",
  },
  unknown_signatory: {
    status: 404,
    title: "There is no such signatory",
    detail: "Use the link of the latest e-mail, or ask the firm that sent it.",
  },
  member_address: {
    status: 409,
    title: "A member's address and phone are their own",
    detail:
      "Change the member (PATCH /v1/members/{id}), then replace the signatory by the same member: who orders a signature can't say where a member's link and code go.",
  },
  nobody_to_remind: {
    status: 409,
    title: "Nobody's turn it is can be reminded",
    detail:
      "A reminder goes to those who were invited and have not signed. Read the collecte to see what it waits for.",
  },
  not_ended: {
    status: 409,
    title: "The collecte has not ended",
    detail: "What was asked for is possible once it is completed, refused, expired or cancelled.",
  },
  not_theirs: {
    status: 403,
    title: "This signature or seal is another member's",
    detail: "Only the member who is asked, or who has their delegation, may do it.",
  },
  nothing_failed: {
    status: 409,
    title: "No signature has failed",
    detail: "There is nothing to try again. Read the collecte to see where it stands.",
  },
  order_mismatch: {
    status: 409,
    title: "The steps are not those that are left",
    detail:
      "Give each signatory who has not signed and each seal that is not made once, and nobody else. Read the collecte again.",
  },
  phone_frozen: {
    status: 409,
    title: "A code has gone to this phone",
    detail: "The phone can't be corrected any more: replace the signatory instead.",
  },
  too_early: {
    status: 409,
    title: "It is too early to sign",
    detail: "The firm leaves everybody time to reflect: come back after retryAfterSeconds.",
  },
} satisfies Record<RefusalCode, ProblemKind>;
