import { z } from "zod";
import type { FirmSettings } from "../../actors/runtime/ports.ts";
import { count, digest, items, text, time } from "./words.ts";

const settings = z
  .object({
    reflectionMinutes: count,
    evidenceYears: count,
    draftDays: count,
    smsCountries: z.array(text),
    smsPerDay: count,
    strictCodes: z.boolean(),
    reminders: z.object({ everyDays: count, most: count }),
    delivery: z.looseObject({ kind: z.enum(["folder", "s3"]) }),
    fetches: z.boolean(),
  } satisfies Record<keyof FirmSettings, z.ZodType>)
  .partial();

export const firmAnswer = z
  .object({ id: text, name: text, email: text, country: text, allowsEmbeddedFiles: z.boolean(), settings })
  .meta({ id: "Firm" });

/** A certificate of the firm's seal; of one that was brought, its own issuer says more. */
export const sealList = items(
  z
    .object({
      status: z.enum(["live", "expired", "revoked"]),
      serial: text,
      sha256: digest,
      subject: z
        .object({ commonName: text, organization: text, organizationIdentifier: text, country: text })
        .partial(),
      issuer: text,
      notBefore: time,
      notAfter: time,
      isBrought: z.boolean(),
      revokedAt: time.optional(),
    })
    .meta({ id: "FirmSeal" }),
);
