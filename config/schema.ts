import { availableParallelism } from "node:os";
import { z } from "zod";
import { smsGateways } from "./sms-gateways.ts";

const isUrlOf = (text: string, protocols: string[]) =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol);

const url = (...protocols: string[]) =>
  z.string().refine((text) => isUrlOf(text, protocols), {
    message: `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
  });

/** One, or several with commas between; a comma inside a URL is no separator. */
const redisUrls = z
  .string()
  .refine((text) => text.split(/\s*,\s*(?=rediss?:)/).every((one) => isUrlOf(one, ["redis:", "rediss:"])), {
    message:
      "must be a URL that begins with redis:// or rediss://, or those of several nodes with commas between",
  });

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** `s3://bucket`, with what the keys of all documents begin with, if anything. */
const bucketUrl = z.string().regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[\w.-]+)*\/?$/, {
  message: "must be s3://bucket or s3://bucket/prefix",
});

const yesOrNo = z.enum(["true", "false"]).transform((text) => text === "true");

/** At least 32 bytes, in hexadecimal or base64. */
const secret = z.string().transform((text, context) => {
  const isHex = /^(?:[0-9a-f]{2})+$/i.test(text);
  const isBase64 = /^[A-Za-z0-9+/_-]+={0,2}$/.test(text);
  const bytes = isHex ? Buffer.from(text, "hex") : Buffer.from(isBase64 ? text : "", "base64");
  if (bytes.length >= 32) return bytes;
  context.addIssue({
    code: "custom",
    message: "must be at least 32 bytes in hexadecimal or base64: openssl rand -hex 32",
  });
  return z.NEVER;
});

/** What a process may do; all of it unless told otherwise. */
export const roleNames = ["http", "actors", "effects", "cron"] as const;
export type Role = (typeof roleNames)[number];

const roles = z.string().transform((text, context): Role[] => {
  const given = text.split(",").map((name) => name.trim());
  const unknown = given.filter((name) => !isRole(name));
  if (unknown.length === 0) return roleNames.filter((role) => given.includes(role));
  context.addIssue({
    code: "custom",
    message: `no such role: ${unknown.join(", ") || "(empty)"}; there are ${roleNames.join(", ")}`,
  });
  return z.NEVER;
});

function isRole(name: string): name is Role {
  return roleNames.some((role) => role === name);
}

/** Every setting by the name of its environment variable. */
export const variables = z.strictObject({
  COLLECTE_MODE: z.enum(["test", "production"]).optional(),
  COLLECTE_SECRET: secret.optional(),
  COLLECTE_HOST: z.string().min(1).default("127.0.0.1"),
  COLLECTE_PORT: count(0, 65_535).default(8080),
  COLLECTE_BASE_URL: url("http:", "https:").optional(),
  COLLECTE_DATA: z.string().min(1).default("data"),
  COLLECTE_ROLES: roles.default([...roleNames]),
  COLLECTE_THREADS: count(1, 64).default(Math.max(1, Math.min(8, availableParallelism()))),
  COLLECTE_LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  /** 10 MB as file managers count them. */
  COLLECTE_MAX_DOCUMENT_BYTES: count(1_000, 200_000_000).default(10 * 1024 * 1024),
  COLLECTE_MAX_DOCUMENT_PAGES: count(1, 10_000).default(500),
  /** What documents are to have in the end, unless a collecte says otherwise. */
  COLLECTE_LEVEL: z.enum(["B-B", "B-T", "B-LT", "B-LTA"]).default("B-LTA"),
  /** The policy that the embedded timestamp unit states: an OID. */
  COLLECTE_TIMESTAMP_POLICY: z
    .string()
    .regex(/^[0-2](\.(0|[1-9]\d{0,18}))+$/, "must be an object identifier such as 2.999.1.1")
    .default("2.999.1.1"),
  /** Off: a certified document takes no change but signatures, and some firms add pages or notes afterwards. */
  COLLECTE_CERTIFY: yesOrNo.default(false),
  /** Off: what locks also refuses signatures that nobody thought of when the plan was made. */
  COLLECTE_LOCK: yesOrNo.default(false),
  COLLECTE_SESSION_MINUTES: count(5, 720).default(60),
  /** Mails, and SMS, and signatures, and seals: each so many at once. */
  COLLECTE_EFFECTS_AT_ONCE: count(1, 10_000).default(64),
  /** Of each kind of work for which nobody waits, such as evidence files. */
  COLLECTE_UPKEEP_AT_ONCE: count(1, 1_000).default(4),
  /** How often the gateways may be asked, by all engines together; not set: without limit. */
  COLLECTE_MAILS_PER_SECOND: count(1, 10_000).optional(),
  COLLECTE_SMS_PER_SECOND: count(1, 10_000).optional(),
  /** In one calendar day of Paris. */
  COLLECTE_SMS_PER_DAY: count(1, 10_000_000).optional(),
  /** To one number, and of a firm that has no cap of its own: what somebody can make us send is bounded. */
  COLLECTE_SMS_PER_NUMBER_PER_DAY: count(1, 100_000).default(10),
  COLLECTE_SMS_PER_FIRM_PER_DAY: count(1, 10_000_000).default(20_000),
  /** Where mails that can't be delivered come back to: a domain whose mail is brought to COLLECTE_BOUNCE_PORT. */
  COLLECTE_BOUNCE_DOMAIN: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/i, "must be a domain name")
    .optional(),
  COLLECTE_BOUNCE_PORT: count(0, 65_535).optional(),
  /** Messages that wait in memory for their transaction. */
  COLLECTE_QUEUE_LIMIT: count(100, 1_000_000).default(20_000),
  /** Messages that wait in the mailbox table, of all processes. */
  COLLECTE_MAILBOX_LIMIT: count(100, 10_000_000).default(100_000),
  /** Uploads that wait for their inspection. */
  COLLECTE_UPLOADS_WAITING: count(1, 10_000).default(200),
  /** Uploads that no collecte has, and receipts of commands, are kept for so many days. */
  COLLECTE_UPLOAD_DAYS: count(1, 365).default(7),
  COLLECTE_RECEIPT_DAYS: count(7, 3_650).default(90),
  /** A clock that leaps further than this holds purges until it has gone steadily for so long. */
  COLLECTE_LEAP_HOURS: count(1, 8_760).default(6),
  COLLECTE_STEADY_HOURS: count(1, 720).default(24),
  /** Below it are the folders that firms have their documents put in before these are purged. */
  COLLECTE_DELIVERY_FOLDER: z.string().startsWith("/", "must be an absolute path").optional(),
  COLLECTE_LEASE_SECONDS: count(5, 600).default(20),
  COLLECTE_REQUESTS_PER_MINUTE: count(10, 10_000_000).default(60_000),
  COLLECTE_SESSIONS_PER_MINUTE: count(1, 10_000_000).default(120),
  /** Requests of one address with an unknown key or session, before all of its requests are refused for a while. */
  COLLECTE_FAILED_LOGINS_PER_MINUTE: count(1, 10_000_000).default(300),
  COLLECTE_SIGNING_REQUESTS_PER_MINUTE: count(1, 10_000_000).default(120),
  /** Requests of one address for revocation lists, authorities' certificates and OCSP. */
  COLLECTE_PUBLICATION_REQUESTS_PER_MINUTE: count(10, 10_000_000).default(1_200),
  /** How many reverse proxies stand before the engine and may say where a request came from. */
  COLLECTE_TRUSTED_PROXIES: count(0, 10).default(0),
  /** Transactions at once on PostgreSQL: more than one helps when the way to it is long. */
  COLLECTE_DATABASE_LANES: count(1, 16).default(1),
  DATABASE_URL: url("postgres:", "postgresql:").optional(),
  REDIS_URL: redisUrls.optional(),
  /** Where documents are kept; not set: in the data folder. */
  BLOBS_URL: bucketUrl.optional(),
  /** Of a store that is not Amazon's. */
  S3_ENDPOINT: url("http:", "https:").optional(),
  S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]+$/, "must be the name of a region such as eu-west-3")
    .optional(),
  S3_ACCESS_KEY_ID: z.string().min(1).optional(),
  S3_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  /** The bucket's name goes into the path of addresses; not set: with S3_ENDPOINT. */
  S3_PATH_STYLE: yesOrNo.optional(),
  /** Of each process, for copies of documents that are kept elsewhere. */
  COLLECTE_BLOB_CACHE_BYTES: count(100_000_000, 10_000_000_000_000).default(2_000_000_000),
  SMTP_URL: url("smtp:", "smtps:").optional(),
  MAIL_FROM: z.string().min(3).default("Collecte <no-reply@collecte.invalid>"),
  SMS_URL: url("http:", "https:").optional(),
  SMS_TOKEN: z.string().min(1).optional(),
  /** Instead of SMS_URL: JSON of one or more gateways, HTTP or SMPP, in the order in which they are asked. */
  SMS_GATEWAYS: smsGateways.optional(),
  /** A timestamp authority outside (RFC 3161); not set: the embedded one. */
  TSA_URL: url("http:", "https:").optional(),
  /** Basic authentication, or a bearer token. */
  TSA_USERNAME: z
    .string()
    .regex(/^[^:]+$/, "must not have a colon")
    .optional(),
  TSA_PASSWORD: z.string().min(1).optional(),
  TSA_TOKEN: z.string().min(1).optional(),
  /** The policy to ask for, an OID; not set: the one that the TSA chooses. */
  TSA_POLICY: z
    .string()
    .regex(/^[0-2](\.(0|[1-9]\d{0,14}))+$/, "must be an object identifier such as 1.3.6.1.4.1.99999.1")
    .optional(),
  /** A file of PEM certificates, to one of which the TSA's must lead. */
  TSA_TRUST: z.string().min(1).optional(),
  /** Where members sign in by OpenID Connect, and as whom the engine is known there. */
  OIDC_ISSUER: url("http:", "https:").optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  OIDC_SCOPES: z.string().min(1).default("openid email profile"),
  /** A claim with the id of the firm; not set: the page that begins says it, or there is only one. */
  OIDC_FIRM_CLAIM: z.string().min(1).optional(),
  /** Where members sign in by CAS 3.0, as at Comptexpert. */
  CAS_URL: url("http:", "https:").optional(),
  /** Attributes with the e-mail, which the server vouches for, and with the id of the firm. */
  CAS_EMAIL_ATTRIBUTE: z.string().min(1).default("mail"),
  CAS_FIRM_ATTRIBUTE: z.string().min(1).optional(),
  /** Origins of the pages that members sign in from, with commas between. */
  SIGN_IN_RETURNS: z
    .string()
    .transform((text) => text.split(",").map((one) => one.trim()))
    .refine((origins) => origins.every((one) => URL.canParse(one) && new URL(one).origin === one), {
      message: "must be origins such as https://app.example.com, with commas between",
    })
    .default([]),
});

export type Variables = z.infer<typeof variables>;

/** These may be given as `NAME_FILE`, a path to a file that holds the value. */
export const secretVariables = [
  "COLLECTE_SECRET",
  "DATABASE_URL",
  "REDIS_URL",
  "S3_ACCESS_KEY_ID",
  "S3_SECRET_ACCESS_KEY",
  "SMTP_URL",
  "SMS_TOKEN",
  "SMS_GATEWAYS",
  "TSA_PASSWORD",
  "TSA_TOKEN",
  "OIDC_CLIENT_SECRET",
] as const;
