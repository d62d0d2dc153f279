import { z } from "zod";

const count = z.number().int().nonnegative();
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const base64 = z.base64();

/** The proof that a head is in a tree. */
const inclusionProof = z.strictObject({
  actorId: z.string(),
  version: count,
  head: digest,
  hour: count,
  position: count,
  count,
  path: z.array(digest),
  root: digest,
  previous: digest.or(z.literal("")),
  token: base64.optional(),
});

/** The form of a record that left an engine: not a field more. */
export const exportedRecord = z.strictObject({
  format: z.string(),
  madeAt: count,
  pages: count,
  collecte: z.strictObject({ id: z.string(), firmId: z.string(), language: z.enum(["fr", "en"]) }),
  firm: z.strictObject({ name: z.string() }),
  members: z.record(z.string(), z.string()),
  events: z.array(
    z.strictObject({
      version: count,
      n: count,
      messageId: z.string(),
      type: z.string(),
      data: z.string(),
      at: z.number().int(),
      previousHash: digest.or(z.literal("")),
      hash: digest,
    }),
  ),
  head: z.strictObject({ version: count, hash: digest, events: count }),
  key: base64.optional(),
  certificates: z.array(z.strictObject({ sha256: digest, der: base64 })),
  inclusion: inclusionProof.optional(),
  sha256: digest,
});
