import { z } from "zod";
import { memberAnswer } from "./people.ts";
import { count, digest, language, state, text, time } from "./words.ts";

/*
 * Answers to those who sign, by their link or in their parapheur.
 */

export const sessionAnswer = z.object({
  session: text,
  purpose: z.enum(["sign", "download"]),
  expiresAt: time,
});

const shownDocument = { id: text, name: text.optional(), pages: count, bytes: count, sha256: digest };

export const signingAnswer = z
  .object({
    purpose: z.enum(["sign", "download"]),
    title: text,
    message: text,
    firm: z.object({ name: text }),
    language,
    state,
    expiresAt: time.optional(),
    signatory: z
      .object({
        id: text,
        firstName: text,
        lastName: text,
        phoneEnd: text,
        status: z.enum(["waiting", "invited", "signing", "signed"]),
        maySignFrom: time.optional(),
      })
      .optional(),
    documents: z.array(z.object(shownDocument)),
    consentText: text.optional(),
    otp: z.object({ id: text, expiresAt: time, canResendAt: time }).optional(),
  })
  .meta({ id: "Signing" });

const sent = { otpId: text, expiresAt: time, phoneEnd: text };
export const consentAnswer = z.object(sent);

/** `accepted`: durable, and not decided yet. */
export const actAnswer = (done: string) => z.object({ status: z.enum([done, "accepted"]) });

export const memberSessionAnswer = z.object({ session: text, expiresAt: time, member: memberAnswer });

export const signInMethods = z.object({ methods: z.array(z.object({ method: text, path: text })) });

const act = z.enum(["sign", "seal"]);

export const parapheurPage = z
  .object({
    counts: z.object({ total: count, sign: count, seal: count }),
    items: z.array(
      z.object({
        collecte: text,
        act,
        title: text,
        message: text.optional(),
        language,
        preparer: text,
        documentType: text.optional(),
        documents: z.array(z.object(shownDocument)),
        stamps: z.array(z.looseObject({ document: text })).optional(),
        since: time,
        expiresAt: time,
      }),
    ),
    nextCursor: text.optional(),
  })
  .meta({ id: "ParapheurPage" });

const leftOut = z.array(z.object({ collecte: text, act, code: text }));

export const openedSession = z.object({ id: text, ...sent, consentText: text, documents: count, leftOut });
export const sessionCode = z.object({ id: text, ...sent });
export const sessionSigning = z.object({ id: text, status: z.literal("signing"), retried: count.optional() });

export const parapheurSession = z
  .object({
    id: text,
    status: z.enum(["awaiting_code", "signing", "done"]),
    openedAt: time,
    signedAt: time.optional(),
    retriedUntil: time.optional(),
    consentText: text,
    progress: z.object({
      total: count,
      signed: count,
      signing: count,
      waiting: count,
      failed: count,
      refused: count,
    }),
    items: z.array(
      z.object({
        place: count,
        collecte: text,
        act,
        documents: z.array(text),
        for: text.optional(),
        status: text,
        code: text.optional(),
      }),
    ),
    nextFrom: count.optional(),
    leftOut,
  })
  .meta({ id: "ParapheurSession" });
