import { z } from "zod";
import { count, digest, level, text } from "./words.ts";

/*
 * Answers that are for other programs to judge by: the check of a signed PDF, and the proof that a record stood in an
 * hour's tree. Times are milliseconds since 1970, as those of `collecte verify --json`.
 */

const instant = z.number();
const verdict = z.enum(["TOTAL-PASSED", "INDETERMINATE", "TOTAL-FAILED"]);
/** EN 319 102-1, tables 5 and 6: a verdict, and why. */
const indication = text.regex(/^(TOTAL-PASSED|(TOTAL-FAILED|INDETERMINATE)\/[A-Z_]+)$/);
const problems = z.array(text);
const changedAfter = z.enum([
  "nothing",
  "signatures-only",
  "signatures-shown",
  "forms-filled",
  "annotated",
  "other",
]);

const revocation = z.object({
  status: z.enum(["good", "revoked", "unknown"]),
  revokedAt: instant.optional(),
  reason: text.optional(),
  source: z.enum(["crl", "ocsp"]).optional(),
  thisUpdate: instant.optional(),
});

const timestamp = { at: instant, tsa: text, problems, isProof: z.boolean(), revocation };
const judged = {
  fieldName: text,
  verdict,
  indication,
  problems,
  coversWholeFile: z.boolean(),
  changedAfter,
};

const signature = z
  .object({
    ...judged,
    kind: z.enum(["signature", "seal"]),
    signer: z.object({ commonName: text, organization: text.optional() }),
    signedAt: instant.optional().meta({ description: "As the signer claims it" }),
    provenAt: instant.optional().meta({ description: "When it is proven to have existed" }),
    judgedAt: instant,
    level: level.or(z.literal("unknown")),
    filledAfter: z.array(text),
    allows: z
      .union([z.literal(1), z.literal(2), z.literal(3)])
      .optional()
      .meta({ description: "What may change after it (ISO 32000-2, table 257)" }),
    timestamp: z.object(timestamp).optional(),
    revocation,
    certificate: z
      .object({ serialHex: text, notBefore: instant, notAfter: instant, sha256: digest, issuer: text })
      .optional(),
  })
  .meta({ id: "SignatureReport" });

export const verificationAnswer = z
  .object({
    bytes: count,
    sha256: digest.or(z.literal("")).meta({ description: "Empty when the file could not be read" }),
    signatures: z.array(signature),
    documentTimestamps: z.array(z.object({ ...timestamp, ...judged })),
    verdict,
    indication,
    problems,
  })
  .meta({ id: "Verification" });

export const inclusionAnswer = z
  .object({
    actorId: text,
    version: count,
    head: digest,
    hour: count.meta({ description: "Whole hours since 1970" }),
    position: count,
    count,
    path: z.array(digest),
    root: digest,
    previous: digest.or(z.literal("")),
    token: z.base64().optional().meta({ description: "Absent while the TSA is waited for" }),
  })
  .meta({ id: "Inclusion" });

/** Figures for whoever watches the engine: they come and go with what it is made of. */
const facts = (ok: boolean) => z.looseObject({ ok: z.literal(ok) });
export const healthyAnswer = facts(true).meta({ id: "Health" });
export const unhealthyAnswer = facts(false);
export const lifeAnswer = z.object({ ok: z.literal(true) });
