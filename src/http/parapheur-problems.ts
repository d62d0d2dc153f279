import type { RefusalCode } from "../actors/collecte/refusals.ts";
import type { ParapheurRefusalCode } from "../actors/parapheur/refusals.ts";
import type { ProblemKind } from "./problems.ts";

/** What may be wrong in a parapheur: refusals of its law that are its own, and what is told before a code is sent. */
export const parapheurProblems = {
  certificate_expired: {
    status: 409,
    title: "Your certificate has run out",
    detail: "Make a new one first (POST /v1/me/certificate/codes); no code was sent.",
  },
  certificate_needed: {
    status: 409,
    title: "You have no certificate",
    detail: "Make it first (POST /v1/me/certificate/codes); no code was sent.",
  },
  certificate_revoked: {
    status: 409,
    title: "Your certificate is revoked",
    detail: "Make a new one first (POST /v1/me/certificate/codes); no code was sent.",
  },
  nothing_to_sign: {
    status: 409,
    title: "Nothing of this can be signed",
    detail: "Read the parapheur again: what was ticked waits no more, or not as it was shown.",
  },
  retry_over: {
    status: 409,
    title: "It is too late to try again with this code",
    detail: "What failed is tried again for a day. Open a new session: it has a code of its own.",
  },
  seal_certificate_needed: {
    status: 409,
    title: "The firm has no living certificate for its seal",
    detail: "The operator makes or imports it (collecte firm seal); no code was sent.",
  },
  too_many_documents: {
    status: 422,
    title: "These are too many documents for one code",
    detail: "5,000 at most: tick fewer.",
  },
} satisfies Record<Exclude<ParapheurRefusalCode, RefusalCode>, ProblemKind> & Record<string, ProblemKind>;
