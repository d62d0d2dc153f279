import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type MailSink, startMailSink } from "../sinks/mail-sink.ts";
import { type SmsSink, startSmsSink } from "../sinks/sms-sink.ts";
import { collecteJson, type EngineProcess, startEngineProcess } from "./engine-process.ts";

export interface StageFirm {
  id: string;
  name: string;
  apiKey: string;
}

export interface StageExpert {
  id: string;
  firstName: string;
  lastName: string;
  email: string;
  phone: string;
}

/** The world that a sending of letters needs: an engine, a mail server, an SMS gateway, a firm and its expert. */
export interface Stage {
  engine: EngineProcess;
  /** Further processes on the same database, queue and data folder. */
  twins: EngineProcess[];
  /** Further processes that take no requests. */
  servants: EngineProcess[];
  mails: MailSink;
  smses: SmsSink;
  firm: StageFirm;
  expert: StageExpert;
  /** Kills the engine as a power cut would, and starts it again on the same data. */
  crash(): Promise<void>;
  /** Starts the engine again, with further settings, on the same data and port. It must have been stopped. */
  restart(settings?: Record<string, string>): Promise<void>;
  /** Kills the first of the servants likewise, and starts it again. */
  crashServant(): Promise<void>;
  close(): Promise<void>;
}

const expert = {
  firstName: "Hélène",
  lastName: "Lefèvre",
  email: "helene.lefevre@cabinet.example",
  phone: "+33639980199",
};

export interface StageOptions {
  /** Where data, the root certificate and the records go. */
  folder: string;
  redisUrl?: string | undefined;
  /** PostgreSQL instead of SQLite in the folder: an empty database, or one that a stage was built on before. */
  databaseUrl?: string | undefined;
  /** How many engine processes; more than one needs a database. */
  engines?: number | undefined;
  /** The roles of further processes, without `http`; those of the engines are among the settings. */
  servants?: string[];
  /** Where each mail is also kept, as it came, as an .eml file. */
  mailFolder?: string;
  /** Further settings of the engine, by environment variable. */
  settings?: Record<string, string>;
}

export async function buildStage(options: StageOptions): Promise<Stage> {
  const { folder, mailFolder } = options;
  await mkdir(folder, { recursive: true });
  const mails = await startMailSink(mailFolder === undefined ? {} : { directory: mailFolder });
  const smses = await startSmsSink();
  try {
    return await furnish(options, mails, smses);
  } catch (error) {
    await mails.close();
    await smses.close();
    throw error;
  }
}

async function furnish(
  { folder, redisUrl, databaseUrl, engines = 1, servants = [], settings }: StageOptions,
  mails: MailSink,
  smses: SmsSink,
): Promise<Stage> {
  const environment: Record<string, string> = {
    COLLECTE_MODE: "test",
    COLLECTE_DATA: join(folder, "data"),
    COLLECTE_PORT: "0",
    COLLECTE_LOG_LEVEL: "error",
    // All clients come from one address here, and faster than any person.
    COLLECTE_REQUESTS_PER_MINUTE: "10000000",
    COLLECTE_SESSIONS_PER_MINUTE: "10000000",
    COLLECTE_SMS_PER_NUMBER_PER_DAY: "100000",
    COLLECTE_SMS_PER_FIRM_PER_DAY: "10000000",
    SMTP_URL: mails.url,
    SMS_URL: smses.url,
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl, COLLECTE_SECRET: secretOfDemos }),
    ...settings,
  };
  const firm = await collecteJson<StageFirm>(
    environment,
    "firm",
    "create",
    "--name",
    "Cabinet Lefèvre & Associés",
    "--email",
    "cabinet@cabinet.example",
    "--siren",
    "732829320",
  );
  const member = await collecteJson<{ id: string }>(
    environment,
    "member",
    "create",
    ...["--firm", firm.id, "--first-name", expert.firstName, "--last-name", expert.lastName],
    ...["--email", expert.email, "--phone", expert.phone],
  );
  await collecteJson(environment, "root", "--out", join(folder, "ca.pem"));
  const [engine, ...twins] = await startAll(environment, engines);
  const serve = (roles: string) =>
    startEngineProcess({ ...environment, COLLECTE_ROLES: roles, COLLECTE_BASE_URL: engine.url });
  const started = await allOf(servants.map(serve), [engine, ...twins]);
  const stage: Stage = {
    engine,
    twins,
    servants: started,
    mails,
    smses,
    firm,
    expert: { id: member.id, ...expert },
    async crash() {
      await stage.engine.kill();
      await stage.restart();
    },
    async restart(further = {}) {
      // The links in the mails that were sent lead to this port.
      const { port } = new URL(stage.engine.url);
      stage.engine = await startEngineProcess({ ...environment, COLLECTE_PORT: port, ...further });
    },
    async crashServant() {
      await stage.servants[0]?.kill();
      stage.servants[0] = await serve(servants[0] ?? "");
    },
    async close() {
      await Promise.all([stage.engine, ...stage.twins, ...stage.servants].map((one) => one.stop()));
      await mails.close();
      await smses.close();
    },
  };
  return stage;
}

/** All of them at once, as a cluster would. */
async function startAll(
  environment: Record<string, string>,
  count: number,
): Promise<[EngineProcess, ...EngineProcess[]]> {
  const first = await startEngineProcess(environment);
  const others = Array.from({ length: count - 1 }, () => startEngineProcess(environment));
  return [first, ...(await allOf(others, [first]))];
}

/** Those that came up are stopped, with those that stand already, when one does not. */
async function allOf(
  starts: Promise<EngineProcess>[],
  standing: readonly EngineProcess[],
): Promise<EngineProcess[]> {
  const results = await Promise.allSettled(starts);
  const started = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failure = results.find((result) => result.status === "rejected");
  if (!failure) return started;
  await Promise.all([...standing, ...started].map((one) => one.stop()));
  throw failure.reason;
}

/**
 * The folder is new at each demo and the database isn't: the same secret, or nothing in it could be read again. It
 * keeps nothing that is worth a secret, and an engine with one of its own refuses that database.
 */
const secretOfDemos = createHash("sha256").update("a database that demos may use").digest("hex");
