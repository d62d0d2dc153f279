import { z } from "zod";
import type { FirmSettings } from "../actors/runtime/ports.ts";
import { scopeNames } from "../actors/runtime/scopes.ts";
import { allOf, by, time, whole, word } from "./answer-words.ts";

/** A member, as `shownMember` shows one. */
export const memberAnswer = z.object({
  id: word,
  role: z.enum(["expert", "collaborator"]),
  rollNumber: word.optional(),
  firstName: word,
  lastName: word,
  email: word,
  phone: word,
  version: whole,
  leftAt: time.optional(),
});

export const membersAnswer = allOf(memberAnswer);

/** A delegation, as `shownDelegation` shows one. */
export const delegationAnswer = z.object({
  id: word,
  expertId: word,
  memberId: word,
  rights: z.array(z.enum(["prepare", "launch", "sign", "seal"])),
  documentTypes: z.array(word).optional(),
  from: time.optional(),
  until: time.optional(),
  givenBy: by,
  givenAt: time,
  revokedBy: by.optional(),
  revokedAt: time.optional(),
});

export const delegationsAnswer = allOf(delegationAnswer);

export const keyAnswer = z.object({
  id: word,
  name: word,
  scopes: z.array(z.enum(scopeNames)),
  createdAt: time,
  usedAt: time.optional(),
  revokedAt: time.optional(),
});

export const keysAnswer = allOf(keyAnswer);

/** `apiKey` is there the first time only. */
export const newKeyAnswer = keyAnswer.extend({ apiKey: word.optional() });

const certificate = z.object({
  status: z.enum(["none", "ordered", "live", "revoked", "expired"]),
  serial: word.optional(),
  sha256: word.optional(),
  notBefore: time.optional(),
  notAfter: time.optional(),
  revokedAt: time.optional(),
  /** Why the one that was ordered last could not be made. */
  failure: word.optional(),
});

export const certificateAnswer = z.object({ certificate });

export const meAnswer = z.object({
  member: memberAnswer,
  firm: z.object({ id: word, name: word }),
  delegations: z.array(delegationAnswer),
  isLocked: z.boolean(),
  certificate,
});

export const orderedAnswer = z.object({ status: z.enum(["ordered", "accepted"]) });

export const signInMethods = z.object({ methods: z.array(z.object({ method: word, path: word })) });
export const memberSession = z.object({ session: word, expiresAt: time, member: memberAnswer });

const target = z.union([
  z.object({ kind: z.literal("folder"), path: word }),
  z.object({
    kind: z.literal("s3"),
    bucket: word,
    prefix: word.optional(),
    region: word.optional(),
    endpoint: word.optional(),
    accessKeyId: word,
  }),
]);

export const firmAnswer = z.object({
  id: word,
  name: word,
  email: word,
  country: word,
  allowsEmbeddedFiles: z.boolean(),
  settings: z.object({
    strictCodes: z.boolean().optional(),
    reflectionMinutes: whole.optional(),
    evidenceYears: whole.optional(),
    smsCountries: z.array(word).optional(),
    smsPerDay: whole.optional(),
    reminders: z.object({ everyDays: whole, most: whole }).optional(),
    delivery: target.optional(),
    fetches: z.boolean().optional(),
  } satisfies Record<keyof FirmSettings, z.ZodType>),
});
