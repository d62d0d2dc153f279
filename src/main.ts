import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { schedule } from "node-cron";
import type { Settings } from "../config/settings.ts";
import { collecteDecider } from "./actors/collecte/decider.ts";
import { sweepDueTimers } from "./actors/cron/due-timers.ts";
import { createEffects, failureCommand } from "./actors/effects/effects.ts";
import { createHttpSmsGateway } from "./actors/effects/http-sms-gateway.ts";
import { createSmtpMailer } from "./actors/effects/smtp-mailer.ts";
import { codeOf } from "./actors/runtime/errors.ts";
import { lawsOf } from "./actors/runtime/laws.ts";
import type { Clock } from "./actors/runtime/ports.ts";
import { createQueues } from "./actors/runtime/queues/queues.ts";
import { createRuntime } from "./actors/runtime/runtime.ts";
import { createSecrets } from "./actors/runtime/secrets.ts";
import { ensureAuthority } from "./enrolment.ts";
import { createApp } from "./http/app.ts";
import { createLog } from "./log.ts";
import { openStore } from "./store/store.ts";
import { createInspector } from "./workers/pdf/inspector.ts";
import { createSigningPool } from "./workers/pool.ts";

/** A running engine. */
export interface Engine {
  /** Where it listens. */
  readonly url: string;
  /** Where links in mails lead. */
  readonly baseUrl: string;
  readonly store: "sqlite" | "postgres";
  readonly queue: "in-process" | "redis";
  /** Answers what is in hand, then stops the rooms in the reverse of their start. Twice is fine. */
  stop(): Promise<void>;
}

export const systemClock: Clock = { now: () => Date.now() };

/** What a drill may lay around each port that is joined here, by the port's name. */
export type Around = <T extends object>(name: string, port: T) => T;

const untouched: Around = (_name, port) => port;

const effectKinds = ["mail", "sms", "sign", "seal"] as const;
const groupLimit = 500;
const sweepMs = 1_000;
/** How long a caller may take for its headers, and for a whole request: 5 minutes for 10 MB is 270 kbit/s. */
const patience = { headersTimeout: 10_000, requestTimeout: 300_000, connectionsCheckingInterval: 2_000 };
const closingMs = 10_000;

/** Joins the rooms. `outside` says where mail and SMS go when the settings leave that to test mode. */
export async function startEngine(
  settings: Settings,
  outside: { smtpUrl: string; smsUrl: string },
  around = untouched,
): Promise<Engine> {
  const undo: (() => Promise<unknown> | unknown)[] = [];
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      for (const step of undo.reverse()) await step();
    })();
    return stopped;
  };
  try {
    return await start(settings, outside, undo, stop, around);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  settings: Settings,
  outside: { smtpUrl: string; smsUrl: string },
  undo: (() => Promise<unknown> | unknown)[],
  stop: () => Promise<void>,
  around: Around,
): Promise<Engine> {
  const clock = systemClock;
  const log = createLog(settings.logLevel);
  const secrets = createSecrets(settings.secret);

  const store = await openStore(settings.dataFolder, secrets, clock, settings.database);
  undo.push(() => store.close());
  await ensureAuthority(store, clock, settings.mode);

  const queues = around("queues", createQueues({ redisUrl: settings.redisUrl, log }));
  undo.push(() => queues.close());
  await queues.ready();

  const pool = around("pool", createSigningPool({ threads: settings.threads }));
  undo.push(() => pool.close());
  const inspector = around("inspector", createInspector({ processes: 1 }));
  undo.push(() => inspector.close());
  const mailer = around("mailer", createSmtpMailer({ smtpUrl: outside.smtpUrl, from: settings.mailFrom }));
  undo.push(() => mailer.close());
  const headers = settings.smsToken === undefined ? {} : { authorization: `Bearer ${settings.smsToken}` };
  const sms = around("sms", createHttpSmsGateway({ url: outside.smsUrl, headers }));

  const laws = lawsOf(collecteDecider);
  const journal = around("journal", store.journal);
  const reads = around("reads", store.reads);
  const documents = around("documents", store.documents);
  const directory = around("directory", store.directory);
  const keyring = around("keyring", store.keyring);
  const blobs = around("blobs", store.blobs);
  const runtime = createRuntime({
    journal,
    reads,
    laws,
    clock,
    log,
    queues,
    settings: {
      groupLimit,
      queueLimit: settings.queueLimit,
      effectsAtOnce: Object.fromEntries(effectKinds.map((kind) => [kind, settings.effectsAtOnce])),
      leaseMs: settings.leaseMs,
      sweepMs,
    },
  });
  undo.push(() => runtime.stop());
  const mailbox = runtime.committer;

  const server = createServer(patience);
  undo.push(() => closeServer(server));
  await listen(server, settings.port, settings.host);
  const url = urlOf(server, settings.host);
  const baseUrl = settings.baseUrl ?? url;

  const effects = createEffects({
    mailer,
    sms,
    pool,
    blobs,
    keyring,
    directory,
    secrets,
    clock,
    settings: { baseUrl, mailDomain: new URL(baseUrl).hostname },
  });
  const app = createApp({
    mailbox,
    reads,
    documents,
    directory,
    blobs,
    inspector,
    secrets,
    clock,
    log,
    settings: {
      baseUrl,
      maxDocumentBytes: settings.maxDocumentBytes,
      maxDocumentPages: settings.maxDocumentPages,
      sessionMinutes: settings.sessionMinutes,
      rateLimits: settings.rateLimits,
      trustedProxies: settings.trustedProxies,
    },
    health: async () => ({
      // A store that can't be read makes this fail.
      ok: (await reads.dueParts(clock.now())).length >= 0,
      store: store.kind,
      queue: queues.kind,
      waiting: runtime.committer.waiting(),
    }),
  });
  // In the same turn as the listening began: a request that nobody hears would never be answered.
  server.on("request", app);

  await runtime.start({ handlers: effects, failureCommand });

  const calendar = schedule("* * * * *", () =>
    sweepDueTimers({ reads, mailbox, laws }, clock.now()).catch((error: unknown) =>
      log.error({ code: codeOf(error) }, "the sweep of timers failed"),
    ),
  );
  undo.push(() => calendar.destroy());
  return { url, baseUrl, store: store.kind, queue: queues.kind, stop };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve());
  });
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const reachable = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}

/** Takes no more connections and waits for the requests in hand, but not for callers that never end theirs. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), closingMs);
    server.close(() => {
      clearTimeout(late);
      resolve();
    });
    server.closeIdleConnections();
    server.prependListener("request", (_request, response) => response.setHeader("Connection", "close"));
  });
}
