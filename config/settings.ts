import { readFileSync } from "node:fs";
import { type BlobsSettings, blobsFaults, blobsOf } from "./blobs.ts";
import { type BounceSettings, bounceFaults, bouncesOf } from "./bounces.ts";
import { distance } from "./distance.ts";
import { type Role, roleNames, secretVariables, type Variables, variables } from "./schema.ts";
import { SettingsFault } from "./settings-fault.ts";
import { type SignInSettings, signInFaults, signInOf } from "./sign-in.ts";
import { type SmsGateways, smsFaults } from "./sms-gateways.ts";
import { testSecret } from "./test-secret.ts";
import { type TsaSettings, tsaFaults, tsaOf } from "./tsa.ts";

export { SettingsFault };

interface GatewayRate {
  readonly perSecond?: number;
  readonly perDay?: number;
}

/** All that the engine is told from outside, checked and frozen. */
export interface Settings {
  readonly mode: "test" | "production";
  /** What this process does; not empty. */
  readonly roles: readonly Role[];
  /** Where the secret came from, for the line that says so; never the secret itself. */
  readonly secretFrom: "environment" | "made for tests";
  readonly secret: Uint8Array;
  readonly host: string;
  readonly port: number;
  /** Undefined: from host and port, once the port is known. */
  readonly baseUrl: string | undefined;
  readonly dataFolder: string;
  readonly threads: number;
  readonly logLevel: Variables["COLLECTE_LOG_LEVEL"];
  readonly maxDocumentBytes: number;
  readonly maxDocumentPages: number;
  readonly level: Variables["COLLECTE_LEVEL"];
  /** Of the embedded timestamp unit. */
  readonly timestampPolicy: string;
  /** Whether the first signature of a document certifies it, and the last one locks it. */
  readonly certify: boolean;
  readonly lock: boolean;
  readonly sessionMinutes: number;
  readonly effectsAtOnce: number;
  readonly upkeepAtOnce: number;
  /** By kind of effect, how often its gateway may be asked; a kind that is missing has no limit. */
  readonly gatewayRates: Readonly<Record<string, GatewayRate>>;
  readonly queueLimit: number;
  readonly mailboxLimit: number;
  readonly uploadsWaiting: number;
  readonly leaseMs: number;
  /** How long what nobody uses is kept, and when the clock is not believed. */
  readonly retention: {
    readonly uploadDays: number;
    readonly receiptDays: number;
    readonly leapHours: number;
    readonly steadyHours: number;
  };
  /** Undefined: no firm has its documents put in a folder. */
  readonly deliveryFolder: string | undefined;
  readonly rateLimits: {
    readonly perKey: number;
    readonly sessionsPerIp: number;
    readonly failedLoginsPerIp: number;
    readonly perSignatory: number;
    readonly publicationPerIp: number;
  };
  readonly trustedProxies: number;
  /** PostgreSQL; undefined: SQLite in the data folder. */
  readonly database: { readonly url: string; readonly lanes: number } | undefined;
  readonly redisUrl: string | undefined;
  /** The bucket of the documents; undefined: they are in the data folder. */
  readonly blobs: BlobsSettings | undefined;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  readonly smsUrl: string | undefined;
  readonly smsToken: string | undefined;
  /** In place of `smsUrl`, in the order in which they are asked. */
  readonly smsGateways: SmsGateways | undefined;
  /** In one calendar day of Paris. */
  readonly smsCaps: { readonly perNumber: number; readonly perFirm: number };
  /** Undefined: what comes back later is not heard of. */
  readonly bounces: BounceSettings | undefined;
  /** Undefined: timestamps are made here. */
  readonly tsa: TsaSettings | undefined;
  readonly signIn: SignInSettings;
}

const ours = (name: string) => name.startsWith("COLLECTE_") || name in variables.shape;

/**
 * Reads the settings from the environment. Throws `SettingsFault` with all the faults at once. Without a secret the
 * engine runs in test mode and keeps one that it makes in the data folder; in production nothing secret has a default.
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const faults: string[] = [];
  const given = withSecretFiles(environment, faults);
  for (const name of Object.keys(given)) {
    if (!(name in variables.shape)) faults.push(`${name}: unknown setting${didYouMean(name)}`);
  }
  const known = Object.fromEntries(Object.entries(given).filter(([name]) => name in variables.shape));
  const parsed = variables.safeParse(known);
  for (const issue of parsed.error?.issues ?? []) faults.push(`${issue.path.join(".")}: ${issue.message}`);
  if (!parsed.success) throw new SettingsFault(faults);
  const values = parsed.data;
  const production = environment["NODE_ENV"] === "production" || values.COLLECTE_SECRET !== undefined;
  const mode = values.COLLECTE_MODE ?? (production ? "production" : "test");
  if (mode === "production") faults.push(...productionFaults(values));
  faults.push(...roleFaults(values, mode), ...tsaFaults(values, mode), ...signInFaults(values, mode));
  faults.push(...blobsFaults(values, mode), ...smsFaults(values, mode), ...bounceFaults(values));
  if (faults.length > 0) throw new SettingsFault(faults);
  return deepFreeze(settingsOf(values, mode));
}

function productionFaults(values: Variables): string[] {
  const needed = ["COLLECTE_SECRET", "COLLECTE_BASE_URL", "SMTP_URL", "SMS_URL"] as const;
  const given = (name: (typeof needed)[number]) =>
    values[name] !== undefined || (name === "SMS_URL" && values.SMS_GATEWAYS !== undefined);
  return needed
    .filter((name) => !given(name))
    .map(
      (name) =>
        `${name}: needed in production mode${name === "COLLECTE_SECRET" ? ": openssl rand -hex 32" : ""}`,
    );
}

/** Several processes on one file of SQLite would only wait for one another; and links must lead to the pages. */
function roleFaults(values: Variables, mode: Settings["mode"]): string[] {
  const { COLLECTE_ROLES: roles, COLLECTE_BASE_URL, DATABASE_URL } = values;
  const faults: string[] = [];
  if (roles.length < roleNames.length && DATABASE_URL === undefined)
    faults.push("COLLECTE_ROLES: fewer than all roles needs DATABASE_URL, where other processes do the rest");
  const isLinkless = mode === "test" && COLLECTE_BASE_URL === undefined;
  if (isLinkless && roles.includes("effects") && !roles.includes("http"))
    faults.push("COLLECTE_BASE_URL: needed by the role effects without http: links in mails begin with it");
  return faults;
}

function settingsOf(values: Variables, mode: Settings["mode"]): Settings {
  return {
    mode,
    roles: values.COLLECTE_ROLES,
    secretFrom: values.COLLECTE_SECRET ? "environment" : "made for tests",
    secret: values.COLLECTE_SECRET ?? testSecret(values.COLLECTE_DATA),
    host: values.COLLECTE_HOST,
    port: values.COLLECTE_PORT,
    baseUrl: values.COLLECTE_BASE_URL?.replace(/\/$/, ""),
    dataFolder: values.COLLECTE_DATA,
    threads: values.COLLECTE_THREADS,
    logLevel: values.COLLECTE_LOG_LEVEL,
    maxDocumentBytes: values.COLLECTE_MAX_DOCUMENT_BYTES,
    maxDocumentPages: values.COLLECTE_MAX_DOCUMENT_PAGES,
    level: values.COLLECTE_LEVEL,
    timestampPolicy: values.COLLECTE_TIMESTAMP_POLICY,
    certify: values.COLLECTE_CERTIFY,
    lock: values.COLLECTE_LOCK,
    sessionMinutes: values.COLLECTE_SESSION_MINUTES,
    effectsAtOnce: values.COLLECTE_EFFECTS_AT_ONCE,
    upkeepAtOnce: values.COLLECTE_UPKEEP_AT_ONCE,
    gatewayRates: {
      ...rateOf("mail", values.COLLECTE_MAILS_PER_SECOND, undefined),
      ...rateOf("sms", values.COLLECTE_SMS_PER_SECOND, values.COLLECTE_SMS_PER_DAY),
    },
    queueLimit: values.COLLECTE_QUEUE_LIMIT,
    mailboxLimit: values.COLLECTE_MAILBOX_LIMIT,
    uploadsWaiting: values.COLLECTE_UPLOADS_WAITING,
    retention: {
      uploadDays: values.COLLECTE_UPLOAD_DAYS,
      receiptDays: values.COLLECTE_RECEIPT_DAYS,
      leapHours: values.COLLECTE_LEAP_HOURS,
      steadyHours: values.COLLECTE_STEADY_HOURS,
    },
    deliveryFolder: values.COLLECTE_DELIVERY_FOLDER,
    leaseMs: values.COLLECTE_LEASE_SECONDS * 1000,
    rateLimits: {
      perKey: values.COLLECTE_REQUESTS_PER_MINUTE,
      sessionsPerIp: values.COLLECTE_SESSIONS_PER_MINUTE,
      failedLoginsPerIp: values.COLLECTE_FAILED_LOGINS_PER_MINUTE,
      perSignatory: values.COLLECTE_SIGNING_REQUESTS_PER_MINUTE,
      publicationPerIp: values.COLLECTE_PUBLICATION_REQUESTS_PER_MINUTE,
    },
    trustedProxies: values.COLLECTE_TRUSTED_PROXIES,
    database:
      values.DATABASE_URL === undefined
        ? undefined
        : { url: values.DATABASE_URL, lanes: values.COLLECTE_DATABASE_LANES },
    redisUrl: values.REDIS_URL,
    blobs: blobsOf(values),
    smtpUrl: values.SMTP_URL,
    mailFrom: values.MAIL_FROM,
    smsUrl: values.SMS_URL,
    smsToken: values.SMS_TOKEN,
    smsGateways: values.SMS_GATEWAYS,
    smsCaps: {
      perNumber: values.COLLECTE_SMS_PER_NUMBER_PER_DAY,
      perFirm: values.COLLECTE_SMS_PER_FIRM_PER_DAY,
    },
    bounces: bouncesOf(values),
    tsa: tsaOf(values),
    signIn: signInOf(values),
  };
}

function rateOf(
  kind: string,
  perSecond: number | undefined,
  perDay: number | undefined,
): Record<string, GatewayRate> {
  if (perSecond === undefined && perDay === undefined) return {};
  return {
    [kind]: { ...(perSecond !== undefined && { perSecond }), ...(perDay !== undefined && { perDay }) },
  };
}

function withSecretFiles(environment: Readonly<Record<string, string | undefined>>, faults: string[]) {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || value === "") continue;
    const secret = secretVariables.find((variable) => name === `${variable}_FILE`);
    if (!secret) {
      if (ours(name)) given[name] = value;
      continue;
    }
    try {
      given[secret] = readFileSync(value, "utf8").trim();
    } catch {
      faults.push(`${name}: the file can't be read`);
    }
  }
  return given;
}

function didYouMean(name: string): string {
  const known = Object.keys(variables.shape);
  const near = known.map((other) => ({ other, far: distance(name, other) })).sort((a, b) => a.far - b.far)[0];
  return near && near.far <= 4 ? `, did you mean ${near.other}?` : "";
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === "object" && member !== null && !ArrayBuffer.isView(member)) deepFreeze(member);
  }
  return Object.freeze(value);
}
