import { z } from "zod";
import { historyEvent } from "./history.ts";
import { by, count, digest, language, level, page, state, text, time } from "./words.ts";

const notifications = z
  .array(
    z.object({
      channel: z.enum(["mail", "sms"]),
      notice: text,
      status: z.enum(["sent", "delivered", "failed"]),
      at: time,
    }),
  )
  .optional();

const stamp = z
  .array(
    z.object({
      document: text,
      page: count.optional(),
      box: z
        .object({ left: z.number(), bottom: z.number(), width: z.number(), height: z.number() })
        .optional(),
      field: text.optional(),
    }),
  )
  .optional();

const person = { id: text, firstName: text, lastName: text, email: text, phone: text, notifications };

const signatory = z.object({
  ...person,
  member: text.optional(),
  status: z.enum(["waiting", "invited", "signing", "signed"]),
  locked: z.boolean(),
  invitedAt: time.optional(),
  maySignFrom: time.optional(),
  signedAt: time.optional(),
  signedBy: by.optional(),
  stamp,
  level: level.optional(),
});

const seal = z.object({
  seal: z.literal(true),
  key: count,
  approver: text.optional(),
  approverPerson: text.optional(),
  status: z.enum(["waiting", "sealing", "sealed"]),
  stamp,
  notifications,
});

const task = z.object({
  what: z.enum(["unreachable", "locked", "signing_failed", "upkeep_failed", "purge_near"]),
  todo: z.enum(["correct_email", "correct_phone", "replace", "unlock", "retry", "fetch", "tell_operator"]),
  person: text.optional(),
  name: text.optional(),
  channel: z.enum(["mail", "sms"]).optional(),
  notice: text.optional(),
  of: text.optional(),
  code: text.optional(),
  at: time.optional(),
  purgeAt: time.optional(),
});

const document = z.object({
  id: text,
  name: text.optional(),
  sha256: digest,
  originalSha256: digest,
  repairedFrom: digest.optional(),
  bytes: count,
  pages: count,
  revisions: count,
  level: level.optional(),
});

const shape = {
  id: text,
  state,
  title: text,
  message: text,
  language,
  level,
  createdAt: time,
  revisedAt: time.optional(),
  abandonAt: time.optional(),
  documentType: text.optional(),
  preparer: by.optional(),
  launchedAt: time.optional(),
  expiresAt: time.optional(),
  trouble: z.object({ code: text, at: time }).optional(),
  pending: z
    .object({ code: z.enum(["timestamp_pending", "evidence_pending"]), reason: text, at: time })
    .optional(),
  tasks: z.array(task).optional(),
  reminders: z.object({ everyDays: count, most: count, lastAt: time, nextAt: time }).partial().optional(),
  endedAt: time.optional(),
  endedAs: z.enum(["completed", "refused", "expired", "cancelled"]).optional(),
  abandoned: z.literal(true).optional(),
  refusalReason: text.optional(),
  refusedBy: text.optional(),
  cancellationReason: text.optional(),
  deliveredAt: time.optional(),
  purgeAt: time.optional(),
  purgedAt: time.optional(),
  evidence: z.object({ sha256: digest, bytes: count, level, at: time }).optional(),
  forgetAt: time.optional(),
  forgottenAt: time.optional(),
  documents: z.array(document),
  steps: z.array(z.union([seal, z.object({ signatories: z.array(signatory) })])),
  currentStep: count,
  copies: z.array(z.object({ id: text, name: text, email: text, notifications })),
  replaced: z.array(z.object(person)).optional(),
};

export const collecteAnswer = z.object(shape).meta({ id: "Collecte" });

/** What a program that prefers `return=minimal` gets. */
export const minimalAnswer = z.object({ id: text, version: count }).meta({ id: "Minimal" });

export const collecteWithHistory = z
  .object({ ...shape, history: z.array(historyEvent) })
  .meta({ id: "CollecteWithHistory" });

export const collectePage = page(collecteAnswer);

export const uploadAnswer = z
  .object({
    id: text,
    sha256: digest,
    bytes: count,
    pages: count,
    name: text.optional(),
    repairedFrom: digest.optional(),
    neutralised: z.literal(true).optional(),
  })
  .meta({ id: "Document" });

export const summaryAnswer = z
  .object({
    id: text,
    state,
    title: text,
    lines: z.array(z.object({ at: time, type: text, text, details: z.array(text) })),
  })
  .meta({ id: "Summary" });
