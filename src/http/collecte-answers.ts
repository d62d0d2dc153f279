import { z } from "zod";
import { by, language, level, pageOf, sha256, shownStamps, time, whole, word } from "./answer-words.ts";

const states = ["draft", "launched", "completed", "refused", "expired", "cancelled", "purged"] as const;

const notifications = z
  .array(
    z.object({
      channel: z.enum(["mail", "sms"]),
      notice: word,
      status: z.enum(["sent", "delivered", "failed"]),
      at: time,
    }),
  )
  .optional();

const person = { firstName: word, lastName: word, email: word, phone: word };

const signatory = z.object({
  id: word,
  ...person,
  member: word.optional(),
  status: z.enum(["waiting", "invited", "signing", "signed"]),
  locked: z.boolean(),
  invitedAt: time.optional(),
  maySignFrom: time.optional(),
  signedAt: time.optional(),
  signedBy: z.object({ memberId: word, delegationId: word.optional() }).optional(),
  stamp: shownStamps.optional(),
  level: level.optional(),
  notifications,
});

const step = z.union([
  z.object({ signatories: z.array(signatory) }),
  z.object({
    seal: z.literal(true),
    key: whole,
    approver: word.optional(),
    approverPerson: word.optional(),
    status: z.enum(["waiting", "sealing", "sealed"]),
    stamp: shownStamps.optional(),
    notifications,
  }),
]);

const document = z.object({
  id: word,
  name: word.optional(),
  sha256: word,
  originalSha256: word,
  repairedFrom: word.optional(),
  bytes: whole,
  pages: whole,
  revisions: whole,
  level: level.optional(),
});

/** What waits for the preparer; beside `what` and `todo` stand the facts of each. */
const task = z.looseObject({
  what: z.enum(["unreachable", "locked", "signing_failed", "upkeep_failed", "purge_near"]),
  todo: z.enum(["correct_email", "correct_phone", "replace", "unlock", "retry", "fetch", "tell_operator"]),
  person: word.optional(),
  name: word.optional(),
});

/** A collecte, as `shownCollecte` shows one. */
export const collecteAnswer = z.object({
  id: word,
  state: z.enum(states),
  title: word,
  message: word,
  language,
  level,
  createdAt: time,
  documentType: word.optional(),
  preparer: by.optional(),
  launchedAt: time.optional(),
  expiresAt: time.optional(),
  trouble: z.object({ code: word, at: time }).optional(),
  pending: z.object({ code: word, reason: word, at: time }).optional(),
  tasks: z.array(task).optional(),
  reminders: z
    .object({
      everyDays: whole.optional(),
      most: whole.optional(),
      lastAt: time.optional(),
      nextAt: time.optional(),
    })
    .optional(),
  endedAt: time.optional(),
  endedAs: z.enum(["completed", "refused", "expired", "cancelled"]).optional(),
  refusalReason: word.optional(),
  refusedBy: word.optional(),
  cancellationReason: word.optional(),
  deliveredAt: time.optional(),
  purgeAt: time.optional(),
  purgedAt: time.optional(),
  evidence: z.object({ sha256, bytes: whole, level, at: time }).optional(),
  forgetAt: time.optional(),
  forgottenAt: time.optional(),
  documents: z.array(document),
  steps: z.array(step),
  currentStep: whole,
  copies: z.array(z.object({ id: word, name: word, email: word, notifications })),
  replaced: z.array(z.object({ id: word, ...person, notifications })).optional(),
});

export const collectesAnswer = pageOf(collecteAnswer);

/** With `Prefer: return=minimal`. */
export const minimalAnswer = z.object({ id: word, version: whole });

/** With its record; each event has fields of its own. */
export const recordedAnswer = collecteAnswer.extend({
  history: z.array(z.looseObject({ at: time, type: word })),
});

export const documentAnswer = z.object({
  id: word,
  sha256,
  bytes: whole,
  pages: whole,
  name: word.optional(),
  repairedFrom: sha256.optional(),
  neutralised: z.boolean().optional(),
});

export const summaryAnswer = z.object({
  id: word,
  state: z.enum(states),
  title: word,
  lines: z.array(z.object({ at: time, type: word, text: word, details: z.array(word) })),
});

export const inclusionAnswer = z.object({
  actorId: word,
  version: whole,
  head: word,
  hour: whole,
  position: whole,
  count: whole,
  path: z.array(word),
  root: word,
  previous: word,
  token: word.optional(),
});
