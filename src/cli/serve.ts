import { join } from "node:path";
import { Command } from "commander";
import { readSettings, type Settings } from "../../config/settings.ts";
import { startEngine } from "../main.ts";
import { placeOf } from "../store/postgres/database.ts";
import { CliFault } from "./fault.ts";
import { startMailSink } from "./sinks/mail-sink.ts";
import { startSmsSink } from "./sinks/sms-sink.ts";

const lingerMs = 1_000;
const queueLines = { "in-process": "in this process", redis: "Redis", "redis-cluster": "Redis Cluster" };

export function serveCommand(): Command {
  return new Command("serve")
    .description("run the engine; settings come from the environment (see the README)")
    .action(serve);
}

/** Runs until SIGTERM or SIGINT, then finishes what is in hand. */
async function serve(): Promise<void> {
  const settings = readSettings(process.env);
  const outside = await outsideOf(settings);
  const engine = await startEngine(settings, outside).catch(async (error: unknown) => {
    // Whatever still listens would keep the process alive.
    await outside.close();
    throw plain(error, settings);
  });
  const lines = [
    `Collecte listens on ${engine.url}`,
    ...(engine.baseUrl === engine.url ? [] : [`  links      ${engine.baseUrl}`]),
    `  roles      ${engine.roles.join(", ")}`,
    `  mode       ${modeLine(settings)}`,
    `  store      ${storeLine(settings)}`,
    `  queue      ${queueLines[engine.queue]}`,
    ...outside.lines,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  const signal = await new Promise<string>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve(name));
  });
  process.stdout.write(`${signal}: finishing what is in hand\n`);
  await engine.stop();
  // What was left behind (a mail server that does not answer) must not keep the process: a supervisor would kill it.
  setTimeout(() => process.exit(), lingerMs).unref();
  await outside.close();
  process.stdout.write("stopped\n");
}

/** In test mode, mail and SMS that have no server of their own end in files of the data folder. */
async function outsideOf(settings: Settings) {
  if (!settings.roles.includes("effects"))
    return { smtpUrl: "", smsUrl: "", lines: [], close: async () => undefined };
  const mailFolder = join(settings.dataFolder, "sink", "mail");
  const smsFolder = join(settings.dataFolder, "sink", "sms");
  const mail = settings.smtpUrl === undefined ? await startMailSink({ directory: mailFolder }) : undefined;
  const sms =
    settings.smsUrl === undefined && settings.smsGateways === undefined
      ? await startSmsSink({ directory: smsFolder }).catch(async (error: unknown) => {
          await mail?.close();
          throw error;
        })
      : undefined;
  return {
    smtpUrl: settings.smtpUrl ?? mail?.url ?? "",
    smsUrl: settings.smsUrl ?? sms?.url ?? "",
    lines: [
      `  mail       ${settings.smtpUrl ? `SMTP at ${hostOf(settings.smtpUrl)}` : `kept as files in ${mailFolder}`}`,
      `  SMS        ${smsLine(settings) ?? `kept as files in ${smsFolder}`}`,
    ],
    async close() {
      await mail?.close();
      await sms?.close();
    },
  };
}

function smsLine({ smsUrl, smsGateways }: Settings): string | undefined {
  const gateways = smsGateways?.map(
    ({ name, kind, url }) => `${name} (${kind.toUpperCase()} at ${hostOf(url)})`,
  );
  if (gateways) return gateways.join(", then ");
  return smsUrl && `HTTP gateway at ${hostOf(smsUrl)}`;
}

function storeLine({ database, dataFolder, blobs }: Settings): string {
  const documents = blobs === undefined ? dataFolder : `s3://${blobs.bucket}/${blobs.prefix}`;
  if (!database) return `SQLite in ${dataFolder}${blobs === undefined ? "" : `, documents in ${documents}`}`;
  return `PostgreSQL at ${placeOf(database.url)}, documents in ${documents}`;
}

function modeLine({ mode, secretFrom, dataFolder }: Settings): string {
  if (mode === "production") return "production";
  const secret =
    secretFrom === "environment" ? "" : `; its secret was made here: ${join(dataFolder, "test-mode-secret")}`;
  return `TEST: signatures are made by a test authority${secret}`;
}

/** Host and port, never the password beside them. */
function hostOf(url: string): string {
  return new URL(url).host;
}

function plain(error: unknown, settings: Settings): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") {
    const message = `port ${settings.port} of ${settings.host} is taken: set COLLECTE_PORT to another one`;
    return new CliFault(message, { cause: error });
  }
  return error;
}
