import type { RefusalCode } from "../actors/collecte/refusals.ts";
import { contactProblems } from "./contacts/problems.ts";
import { inspections } from "./inspection-problems.ts";
import { parapheurProblems } from "./parapheur-problems.ts";
import { people } from "./people-problems.ts";

/** What a code means to a caller: its HTTP status, what is wrong, and what to do. */
export interface ProblemKind {
  status: number;
  title: string;
  detail: string;
}

/** Refusals of the law (actors/collecte/refusals.ts). */
const refusals = {
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
    detail: "A code lives 30 minutes. Consent again to receive a new one.",
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

/** What the door itself says. */
const door = {
  body_too_large: {
    status: 413,
    title: "The request is too large",
    detail: "A JSON body may have 256 KB, a list of commands 1 MB.",
  },
  evidence_gone: {
    status: 410,
    title: "The evidence file is gone",
    detail:
      "Its period is over, and the key that opened it was destroyed. Only a copy fetched before can be read.",
  },
  evidence_pending: {
    status: 409,
    title: "There is no evidence file yet",
    detail:
      "It is made within a minute of the collecte's end. Ask again then; if it stays away, the operator looks at `collecte stuck`.",
  },
  documents_purged: {
    status: 410,
    title: "The documents are purged",
    detail: "They are kept for one month after the end; the record and the evidence file stay.",
  },
  idempotency_key_invalid: {
    status: 400,
    title: "The Idempotency-Key can't be used",
    detail: "Send 1 to 255 visible ASCII characters.",
  },
  idempotency_key_reused: {
    status: 422,
    title: "The Idempotency-Key was used for another request",
    detail: "Send the same request as the first time, or another key.",
  },
  internal: {
    status: 500,
    title: "Something went wrong in the engine",
    detail:
      "Try again with the same Idempotency-Key; if it stays so, tell the operator the time of the request.",
  },
  inclusion_pending: {
    status: 409,
    title: "The record is under no hourly root yet",
    detail: "Roots are made each hour. Ask again in an hour.",
  },
  invalid_request: {
    status: 422,
    title: "The request can't be taken as it is",
    detail: "Mend the fields that are listed under errors.",
  },
  key_invalid: {
    status: 401,
    title: "An API key is needed",
    detail: "Send a live key: Authorization: Bearer ck_….",
  },
  malformed_json: { status: 400, title: "The body is not JSON", detail: "Send well-formed JSON in UTF-8." },
  method_not_allowed: {
    status: 405,
    title: "This address doesn't take that method",
    detail: "The Allow header lists those that it takes.",
  },
  overloaded: {
    status: 429,
    title: "The engine has as much work as it may hold",
    detail: "Nothing was taken. Send the same request again after retryAfterSeconds.",
  },
  receipt_secret_wrong: {
    status: 401,
    title: "The secret of this gateway is needed",
    detail: "Send what receipts.secret of the gateway's description (SMS_GATEWAYS) says.",
  },
  range_not_satisfiable: {
    status: 416,
    title: "The document doesn't have these bytes",
    detail: "Ask for a range inside its length, or for the whole.",
  },
  rate_limited: {
    status: 429,
    title: "Too many requests",
    detail: "Try again after retryAfterSeconds.",
  },
  session_cannot_sign: {
    status: 403,
    title: "This session is for reading only",
    detail: "It came from a download link: nothing is left to sign with it.",
  },
  session_invalid: {
    status: 401,
    title: "A session is needed",
    detail: "The session is over or was never ours: open the link of the e-mail again.",
  },
  sms_firm_cap: {
    status: 429,
    title: "No more codes can be sent today",
    detail:
      "The firm has sent as many SMS today as it may: try again after retryAfterSeconds, or ask the firm.",
  },
  sms_number_cap: {
    status: 429,
    title: "No more codes can be sent to this phone today",
    detail: "Too many were sent to this number today: try again after retryAfterSeconds.",
  },
  store_unavailable: {
    status: 503,
    title: "The engine can't read or write its store",
    detail: "Nothing is lost: send the same request again after retryAfterSeconds. Operator: see the log.",
  },
  unsupported_media_type: {
    status: 415,
    title: "This content type is not taken here",
    detail: "Send JSON as application/json, a document as application/pdf, neither of them compressed.",
  },
  upload_incomplete: {
    status: 400,
    title: "The upload was cut off",
    detail: "Fewer bytes arrived than were announced. Send it again.",
  },
  version_changed: {
    status: 412,
    title: "It was changed in the meantime",
    detail: "Read it again, and send the change with its new ETag in If-Match.",
  },
} satisfies Record<string, ProblemKind>;

const table = { ...refusals, ...inspections, ...contactProblems, ...people, ...parapheurProblems, ...door };

/** Every code that the door may answer with; docs/errors.md explains them. */
export type ProblemCode = keyof typeof table;

export const problems: Readonly<Record<ProblemCode, ProblemKind>> = table;

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(table, code);
}

/** Codes that stand beside a field in `errors`, and what they mean. */
export const fieldCodes = {
  required: "The field is missing.",
  unknown_field: "The engine doesn't know this field.",
  wrong_type: "The value is of another type than it must be.",
  wrong_value: "The value is none of those that may stand here.",
  too_short: "The value is too short, too small, or empty.",
  too_long: "The value is too long or too large.",
  forbidden_characters: "Control characters and characters that turn the reading direction are refused.",
  bad_format: "The value doesn't have the form that it must have.",
  email_invalid: "This is not an e-mail address that we can write to.",
  email_duplicate: "The same address stands twice in one list.",
  member_duplicate: "The same member stands twice in one list.",
  choice_changed: "These are not the bytes that wait: read the parapheur again.",
  choice_duplicate: "The same act of one collecte stands twice.",
  choice_ended: "The deadline has passed.",
  choice_not_allowed: "No delegation lets this member do it for that expert, in documents of this type.",
  choice_not_awaited: "Nothing of this waits for that member now.",
  choice_unknown: "There is no such collecte in this firm.",
  document_duplicate: "The same document stands twice.",
  document_unknown: "There is no such document in this firm.",
  page_unknown: "The document has no such page.",
  stamp_duplicate: "One signature shows once in a document, and an empty field takes one signature.",
  member_unknown: "There is no such member in this firm.",
  cursor_invalid: "The cursor is none of ours: send `nextCursor` of the page before, unchanged.",
  phone_not_a_number: "This is not a phone number.",
  phone_country_unknown: "No country has this calling code.",
  phone_too_short: "Digits are missing.",
  phone_too_long: "There are too many digits.",
  phone_impossible: "No such number can exist in its country.",
  phone_not_mobile: "The number exists, but can't receive an SMS: give a mobile number.",
  contact_unknown: "There is no such contact in this firm.",
  contact_phone_missing: "This contact has no mobile: a signatory needs one.",
  column_duplicate: "Two columns have this header: keep one.",
  cell_error: "The cell shows an error, such as #REF!: type the value.",
  row_duplicate: "A row above is the same person.",
  contact_ambiguous: "Several contacts may be this person: give the reference.",
  phone_ambiguous: "Without its 0 or its + this number can be read in two ways: type it whole, as text.",
  phone_digits_lost: "The spreadsheet has lost digits of this number: type it whole, as text.",
  phone_country_not_allowed: "The firm sends no codes to phones of this country.",
  phone_extension: "A number with an extension can't receive an SMS.",
} as const;

export type FieldCode = keyof typeof fieldCodes;
