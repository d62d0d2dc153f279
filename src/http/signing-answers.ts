import { z } from "zod";
import { language, time, whole, word } from "./answer-words.ts";

export const openedSession = z.object({
  session: word,
  purpose: z.enum(["sign", "download"]),
  expiresAt: time,
});

/** What the holder of a link sees, as `shownSigning` shows it. */
export const signingAnswer = z.object({
  purpose: z.enum(["sign", "download"]),
  title: word,
  message: word,
  firm: z.object({ name: word }),
  language,
  state: word,
  expiresAt: time.optional(),
  signatory: z
    .object({
      id: word,
      firstName: word,
      lastName: word,
      phoneEnd: word,
      status: z.enum(["waiting", "invited", "signing", "signed"]),
      maySignFrom: time.optional(),
    })
    .optional(),
  documents: z.array(z.object({ id: word, name: word.optional(), pages: whole, bytes: whole, sha256: word })),
  consentText: word.optional(),
  otp: z.object({ id: word, expiresAt: time, canResendAt: time }).optional(),
});

export const signedAnswer = z.object({ status: z.enum(["signing", "accepted"]) });
export const refusedAnswer = z.object({ status: z.literal("refused") });
