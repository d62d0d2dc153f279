import { isSupportedCountry } from "libphonenumber-js/max";
import { z } from "zod";
import type { DeliveryTarget, Firm, FirmChoices, FirmSettings } from "../actors/runtime/ports.ts";
import { fault, strict } from "./validation.ts";
import { email, line } from "./words.ts";

const whole = (least: number, most: number) => z.number().int().min(least).max(most);

const country = z.string().superRefine((text, context) => {
  if (!isSupportedCountry(text)) fault(context, "wrong_value");
});

/** Below the folder that the operator gave for it: no firm chooses where on the machine it writes. */
const folder = z
  .string()
  .max(200)
  .regex(/^(?!\.)[\w.-]+(?:\/(?!\.)[\w.-]+)*$/);

const httpsUrl = z.url({ protocol: /^https$/ }).max(300);

const delivery = z.discriminatedUnion("kind", [
  strict({ kind: z.literal("folder"), path: folder }),
  strict({
    kind: z.literal("s3"),
    bucket: z.string().regex(/^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
    prefix: line(200).optional(),
    region: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/)
      .optional(),
    endpoint: httpsUrl.optional(),
    accessKeyId: line(200),
    /** Left out, it stays as it is: nobody can read it. */
    secretAccessKey: line(200).optional(),
  }),
]);

const settings = strict({
  reflectionMinutes: whole(0, 15 * 24 * 60 - 1).nullable(),
  evidenceYears: whole(1, 50).nullable(),
  draftDays: whole(1, 365).nullable(),
  smsCountries: z.array(country).min(1).max(250).nullable(),
  smsPerDay: whole(0, 1_000_000).nullable(),
  strictCodes: z.boolean().nullable(),
  reminders: strict({ everyDays: whole(1, 15), most: whole(0, 20) }).nullable(),
  delivery: delivery.nullable(),
  fetches: z.boolean().nullable(),
}).partial();

/** A JSON merge patch (RFC 7396): what is not named stays, null is as the product has it. */
export const firmChanges = strict({ email, allowsEmbeddedFiles: z.boolean(), settings }).partial();

export type FirmChanges = z.output<typeof firmChanges>;

/** The firm's choices after these changes; undefined when a bucket has no secret, given or kept. */
export function merged(before: Firm, changes: FirmChanges): FirmChoices | undefined {
  const after: Record<string, unknown> = { ...before.settings };
  for (const [name, value] of Object.entries(changes.settings ?? {})) {
    if (value === null) delete after[name];
    else if (value !== undefined) after[name] = value;
  }
  const target = changes.settings?.delivery;
  if (target?.kind === "s3") {
    const secretAccessKey = target.secretAccessKey ?? keptSecret(before.settings.delivery, target);
    if (secretAccessKey === undefined) return undefined;
    after["delivery"] = { ...target, secretAccessKey };
  }
  return {
    email: changes.email ?? before.email,
    allowsEmbeddedFiles: changes.allowsEmbeddedFiles ?? before.allowsEmbeddedFiles === true,
    settings: after as FirmSettings,
  };
}

/** The secret that is known for this very key, bucket and endpoint: it is told to nobody else. */
function keptSecret(
  before: DeliveryTarget | undefined,
  after: { accessKeyId: string; bucket: string; endpoint?: string | undefined },
): string | undefined {
  if (before?.kind !== "s3") return undefined;
  const isSame =
    before.accessKeyId === after.accessKeyId &&
    before.bucket === after.bucket &&
    before.endpoint === after.endpoint;
  return isSame ? before.secretAccessKey : undefined;
}

/** A firm as it is shown: without its secrets. */
export function shownFirm({ id, name, email: address, country: home, allowsEmbeddedFiles, settings }: Firm) {
  const { delivery: target, ...chosen } = settings;
  return {
    ...{ id, name, email: address, country: home },
    allowsEmbeddedFiles: allowsEmbeddedFiles === true,
    settings: { ...chosen, ...(target && { delivery: withoutSecret(target) }) },
  };
}

function withoutSecret(target: DeliveryTarget) {
  if (target.kind === "folder") return target;
  const { secretAccessKey: _, ...shown } = target;
  return shown;
}
