import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BlobsSettings, blobsFaults, blobsOf } from "./blobs.ts";
import { type BounceSettings, bounceFaults, bouncesOf } from "./bounces.ts";
import { distance } from "./distance.ts";
import { type Role, roleNames, secretVariables, type Variables, variables } from "./schema.ts";
import { type SignInSettings, signInFaults, signInOf } from "./sign-in.ts";
import { type SmsGateways, smsFaults } from "./sms-gateways.ts";

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

/** `authorization` is the whole header's value; `trustFile` a file of PEM certificates. */
export interface TsaSettings {
  readonly url: string;
  readonly authorization?: string;
  readonly policy?: string;
  readonly trustFile?: string;
}

/** Every fault of the settings, by name. */
export class SettingsFault extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `the settings have ${faults.length} fault(s):\n${faults.map((fault) => `  - ${fault}`).join("\n")}`,
    );
    this.name = "SettingsFault";
    this.faults = faults;
  }
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

function tsaFaults(values: Variables, mode: Settings["mode"]): string[] {
  const { TSA_URL, TSA_USERNAME, TSA_PASSWORD, TSA_TOKEN, TSA_TRUST } = values;
  const faults: string[] = [];
  const others = ["TSA_USERNAME", "TSA_PASSWORD", "TSA_TOKEN", "TSA_POLICY", "TSA_TRUST"] as const;
  const idle = TSA_URL === undefined ? others.filter((name) => values[name] !== undefined) : [];
  for (const name of idle) faults.push(`${name}: means nothing without TSA_URL`);
  if ((TSA_USERNAME === undefined) !== (TSA_PASSWORD === undefined))
    faults.push("TSA_USERNAME: goes with TSA_PASSWORD, and that with it");
  if (TSA_TOKEN !== undefined && TSA_USERNAME !== undefined)
    faults.push("TSA_TOKEN: give it or TSA_USERNAME, not both");
  // What was stamped is read back, and a token that leads to nobody we know proves nothing.
  if (TSA_URL !== undefined && TSA_TRUST === undefined)
    faults.push("TSA_TRUST: needed with TSA_URL: the certificates that the TSA's leads to");
  if (TSA_TRUST !== undefined && !existsSync(TSA_TRUST)) faults.push("TSA_TRUST: the file can't be read");
  if (mode === "production" && TSA_URL?.startsWith("http:"))
    faults.push("TSA_URL: must begin with https:// in production mode");
  return faults;
}

function tsaOf(values: Variables): TsaSettings | undefined {
  const { TSA_URL, TSA_USERNAME, TSA_PASSWORD, TSA_TOKEN, TSA_POLICY, TSA_TRUST } = values;
  if (TSA_URL === undefined) return undefined;
  const basic = Buffer.from(`${TSA_USERNAME}:${TSA_PASSWORD}`).toString("base64");
  return {
    url: TSA_URL,
    ...(TSA_USERNAME !== undefined && { authorization: `Basic ${basic}` }),
    ...(TSA_TOKEN !== undefined && { authorization: `Bearer ${TSA_TOKEN}` }),
    ...(TSA_POLICY !== undefined && { policy: TSA_POLICY }),
    ...(TSA_TRUST !== undefined && { trustFile: TSA_TRUST }),
  };
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

/** Test mode keeps its secret between starts, or a restart could read nothing of what it wrote. */
function testSecret(dataFolder: string): Buffer {
  const file = join(dataFolder, "test-mode-secret");
  if (!existsSync(file)) makeTestSecret(dataFolder, file);
  const kept = Buffer.from(readFileSync(file, "utf8").trim(), "hex");
  if (kept.length === 32) return kept;
  throw new SettingsFault([
    `${file}: damaged: what was encrypted under it can't be read; remove the data folder`,
  ]);
}

/** Whole or not at all, and the first one stays: half a secret, or two, would lock the data folder for ever. */
function makeTestSecret(dataFolder: string, file: string): void {
  mkdirSync(dataFolder, { recursive: true });
  const own = `${file}.${process.pid}`;
  writeFileSync(own, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(own, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(own, { force: true });
  }
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
