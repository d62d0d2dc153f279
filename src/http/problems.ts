import { collecteProblems } from "./collecte-problems.ts";
import { contactProblems } from "./contacts/problems.ts";
import { inspections } from "./inspection-problems.ts";
import { parapheurProblems } from "./parapheur-problems.ts";
import { peopleProblems } from "./people-problems.ts";

/** What a code means to a caller: its HTTP status, what is wrong, and what to do. */
export interface ProblemKind {
  status: number;
  title: string;
  detail: string;
}

/** What the door itself says. */
const door = {
  body_too_large: {
    status: 413,
    title: "The request is too large",
    detail: "A JSON body and a logo may have 256 KB, a list of commands 1 MB.",
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

const table = {
  ...collecteProblems,
  ...inspections,
  ...contactProblems,
  ...peopleProblems,
  ...parapheurProblems,
  ...door,
};

/** Every code that the door may answer with; docs/errors.md explains them. */
export type ProblemCode = keyof typeof table;

export const problems: Readonly<Record<ProblemCode, ProblemKind>> = table;

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(table, code);
}
