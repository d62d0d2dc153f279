import { z } from "zod";
import { language, pageOf, sentCode, shownStamps, time, whole, word } from "./answer-words.ts";
import { outcomes } from "./parapheur-schema.ts";

const act = z.enum(["sign", "seal"]);
const leftOut = z.array(z.object({ collecte: word, act, code: word }));

export const parapheurAnswer = pageOf(
  z.object({
    collecte: word,
    act,
    title: word,
    message: word.optional(),
    language,
    preparer: word,
    documentType: word.optional(),
    documents: z.array(
      z.object({ id: word, name: word.optional(), pages: whole, bytes: whole, sha256: word }),
    ),
    stamps: shownStamps.optional(),
    since: time,
    expiresAt: time,
  }),
).extend({ counts: z.object({ total: whole, sign: whole, seal: whole }) });

export const openedAnswer = sentCode.extend({ id: word, consentText: word, documents: whole, leftOut });

export const codeAnswer = sentCode.extend({ id: word });
export const signingAnswer = z.object({ id: word, status: z.literal("signing") });
export const retriedAnswer = signingAnswer.extend({ retried: whole });

export const sessionAnswer = z.object({
  id: word,
  status: z.enum(["awaiting_code", "signing", "done"]),
  openedAt: time,
  signedAt: time.optional(),
  retriedUntil: time.optional(),
  consentText: word,
  progress: z.object({
    total: whole,
    signed: whole,
    signing: whole,
    waiting: whole,
    failed: whole,
    refused: whole,
  }),
  items: z.array(
    z.object({
      place: whole,
      collecte: word,
      act,
      documents: z.array(word),
      for: word.optional(),
      status: z.enum(outcomes),
      code: word.optional(),
    }),
  ),
  nextFrom: whole.optional(),
  leftOut,
});
