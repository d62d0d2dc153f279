import { existsSync } from "node:fs";
import { z } from "zod";

const name = z.string().regex(/^[a-z0-9-]{1,32}$/, "must be 1 to 32 of a-z, 0-9 and -");
const word = z.string().min(1).max(200);
const pointer = z.string().regex(/^(\/[^/]*)*$/, "must be a JSON pointer such as /messages/0/id");
/** Whoever knows it can say of any SMS that it arrived. */
const secret = z.string().min(16, "must have 16 characters or more").max(500);
const statuses = z.array(z.number().int().min(100).max(599)).min(1);
const words = z.array(word).min(1);
const ms = z.number().int().min(100).max(15_000);

const receipts = z.strictObject({
  secret: z.union([
    z.strictObject({ kind: z.literal("path"), value: secret.regex(/^[\w.~-]+$/, "must be fit for a URL") }),
    z.strictObject({ kind: z.literal("header"), header: word, value: secret }),
    z.strictObject({
      kind: z.literal("hmac"),
      header: word,
      value: secret,
      encoding: z.enum(["hex", "base64"]).default("hex"),
      prefix: z.string().max(50).default(""),
    }),
  ]),
  list: pointer.optional(),
  reference: pointer,
  names: z.enum(["theirs", "ours"]).default("theirs"),
  status: pointer,
  delivered: words,
  failed: words,
});

const http = z.strictObject({
  name,
  kind: z.literal("http"),
  url: z.url({ protocol: /^https?$/ }),
  method: z.enum(["GET", "POST", "PUT"]).default("POST"),
  headers: z.record(z.string(), z.string()).default({}),
  content: z.enum(["json", "form", "query"]).default("json"),
  body: z.record(z.string(), z.json()),
  from: z.string().max(50).default(""),
  numbers: z.enum(["plus", "digits"]).default("plus"),
  encodings: z.strictObject({ gsm7: z.string(), ucs2: z.string() }).default({ gsm7: "gsm7", ucs2: "ucs2" }),
  reference: pointer.optional(),
  answers: z
    .array(
      z.strictObject({
        means: z.enum(["accepted", "refused", "retry", "doubtful"]),
        status: statuses.optional(),
        at: pointer.optional(),
        is: words.optional(),
      }),
    )
    .default([]),
  knowsKeys: z.boolean().default(false),
  isPrivate: z.boolean().default(false),
  timeoutMs: ms.default(10_000),
  receipts: receipts.optional(),
});

const smpp = z.strictObject({
  name,
  kind: z.literal("smpp"),
  /** Without user and password: these stand beside it. */
  url: z.url({ protocol: /^s?smpp$/ }),
  systemId: z.string().min(1).max(15),
  /** 8 octets by the book (SMPP 3.4, 5.2.2); some servers take longer ones. */
  password: z.string().max(64),
  systemType: z.string().max(12).default(""),
  /** A file of PEM certificates that the server's must lead to. */
  trust: word.optional(),
  from: z.string().max(20).default(""),
  window: z.number().int().min(1).max(1_000).default(10),
  receiptIds: z.enum(["same", "decimal_of_hex", "hex_of_decimal"]).default("same"),
  isPrivate: z.boolean().default(false),
});

const gateways = z
  .array(z.discriminatedUnion("kind", [http, smpp]))
  .min(1)
  .max(10);

/** SMS gateways in the order in which they are asked. */
export type SmsGateways = z.output<typeof gateways>;

/** JSON of the list; faults name the place and never the value. */
export const smsGateways = z.string().transform((text, context): SmsGateways => {
  const fault = (message: string) => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fault("must be JSON: a list of gateways");
  }
  const parsed = gateways.safeParse(json);
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues) fault(`${path.join("/")}: ${message}`);
    return z.NEVER;
  }
  const names = parsed.data.map((one) => one.name);
  if (new Set(names).size < names.length) return fault("two gateways have the same name");
  return parsed.data;
});

interface SmsVariables {
  SMS_URL?: string | undefined;
  SMS_TOKEN?: string | undefined;
  SMS_GATEWAYS?: SmsGateways | undefined;
}

/** Codes may not travel in clear outside one's own network where they are worth something. */
export function smsFaults(
  { SMS_GATEWAYS, SMS_URL, SMS_TOKEN }: SmsVariables,
  mode: "test" | "production",
): string[] {
  const list = SMS_GATEWAYS ?? [];
  const isBoth = SMS_GATEWAYS && (SMS_URL !== undefined || SMS_TOKEN !== undefined);
  const both = isBoth ? ["SMS_GATEWAYS: give it or SMS_URL and SMS_TOKEN, not both"] : [];
  return [...both, ...list.flatMap((one) => gatewayFaults(one, mode))];
}

function gatewayFaults(one: SmsGateways[number], mode: "test" | "production"): string[] {
  const faults: string[] = [];
  const isPlain = one.url.startsWith("http:") || one.url.startsWith("smpp:");
  if (mode === "production" && isPlain && !one.isPrivate)
    faults.push("url must begin with https:// or ssmpp:// in production mode, unless isPrivate");
  if (one.kind === "smpp" && one.trust !== undefined && !existsSync(one.trust))
    faults.push("trust: the file can't be read");
  if (one.kind === "http" && one.method === "GET" && one.content !== "query")
    faults.push("a GET has no body: content must be query");
  return faults.map((fault) => `SMS_GATEWAYS: ${one.name}: ${fault}`);
}
