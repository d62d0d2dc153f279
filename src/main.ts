import { createServer, type RequestListener } from "node:http";
import type { Role } from "../config/schema.ts";
import type { Settings } from "../config/settings.ts";
import { collecteDecider } from "./actors/collecte/decider.ts";
import { sweepDueTimers } from "./actors/cron/due-timers.ts";
import { startTimetable } from "./actors/cron/timetable.ts";
import { byActor } from "./actors/effects/by-actor.ts";
import { createEffects, delayCommand, failureCommand } from "./actors/effects/effects.ts";
import { memberActing } from "./actors/effects/member.ts";
import { createOutgoing } from "./actors/effects/outgoing.ts";
import { createSmtpMailer } from "./actors/effects/smtp-mailer.ts";
import { memberDecider } from "./actors/member/decider.ts";
import { newId } from "./actors/runtime/ids.ts";
import { type Laws, lawsOf } from "./actors/runtime/laws.ts";
import type { Clock, Log } from "./actors/runtime/ports.ts";
import { createQueues, type Queues } from "./actors/runtime/queues/queues.ts";
import { createRuntime, type Effects, type Runtime } from "./actors/runtime/runtime.ts";
import { createSecrets, type Secrets } from "./actors/runtime/secrets.ts";
import { checkBlobs } from "./blobs-check.ts";
import { joinBounces, returnPaths } from "./bounces.ts";
import { createTestClock, systemClock, type TestClock } from "./clock.ts";
import { ensureAuthority } from "./enrolment.ts";
import { createHealth } from "./health.ts";
import { createApp } from "./http/app.ts";
import type { Door } from "./http/door.ts";
import { createHealthApp } from "./http/health-app.ts";
import { anchorsOf } from "./identity/anchors.ts";
import { publishing } from "./identity/authority-urls.ts";
import { createMemberCertificates } from "./identity/member-certificates.ts";
import { createPublication } from "./identity/publication.ts";
import { joinLevels, trustedTsa } from "./levels.ts";
import { closeServer, listen, urlOf } from "./listening.ts";
import { createLog } from "./log.ts";
import { joinPeople } from "./people.ts";
import { budgetOf, joinSmsGateway, joinSmsReceipts } from "./sms.ts";
import { createStopping, type Stopping } from "./stopping.ts";
import { openStore, type Store } from "./store/store.ts";
import { createInspector } from "./workers/pdf/inspector.ts";
import { createSigningPool } from "./workers/pool.ts";
import { createSpreadsheets } from "./workers/spreadsheet/reader.ts";
import { createVerifier } from "./workers/verifier/verifier.ts";

/** A running engine. */
export interface Engine {
  /** Where it listens. */
  readonly url: string;
  /** Where links in mails lead. */
  readonly baseUrl: string;
  readonly store: "sqlite" | "postgres";
  readonly queue: Queues["kind"];
  readonly roles: readonly Role[];
  /** Answers what is in hand, then stops the rooms in the reverse of their start, all in 25 s. Twice is fine. */
  stop(): Promise<void>;
}

/** What a drill may lay around each port that is joined here, by the port's name. */
export type Around = <T extends object>(name: string, port: T) => T;

const untouched: Around = (_name, port) => port;

const effectKinds = ["mail", "sms", "sign", "seal", "certify"] as const;
const groupLimit = 500;
const sweepMs = 1_000;
/** How long a caller may take for its headers, and for a whole request: 5 minutes for 10 MB is 270 kbit/s. */
const patience = { headersTimeout: 10_000, requestTimeout: 300_000, connectionsCheckingInterval: 2_000 };
/** Supervisors kill 30 s after they asked. Callers first get their answers, then effects may end. */
const stopping = {
  allMs: 25_000,
  sweepsMs: 2_000,
  requestsMs: 8_000,
  effectsMs: 10_000,
  /** For what has lost its last user and may still wait for somebody slow: the store needs the rest. */
  leftoversMs: 1_000,
};
const timers = { everyMs: 60_000, forgetMs: 3_600_000, leaseMs: 20_000, tickMs: 1_000 };

/** Where mail and SMS go: what the settings leave to test mode is said by the caller. */
export interface Outside {
  smtpUrl: string;
  smsUrl: string;
}

/** Joins the rooms that the roles of this process need. */
export async function startEngine(
  settings: Settings,
  outside: Outside,
  around: Around = untouched,
): Promise<Engine> {
  const log = createLog(settings.logLevel);
  const undo = createStopping(log, stopping.allMs);
  try {
    return await start({ settings, outside, log, undo, around });
  } catch (error) {
    await undo.stop();
    throw error;
  }
}

interface Site {
  settings: Settings;
  outside: Outside;
  log: Log;
  undo: Stopping;
  around: Around;
}

/** What every room may need. */
interface House extends Site {
  has(role: Role): boolean;
  clock: Clock;
  testClock: TestClock | undefined;
  secrets: Secrets;
  store: Store;
  laws: Laws;
  runtime: Runtime;
}

async function start(site: Site): Promise<Engine> {
  const { settings, log, undo, around } = site;
  const testClock = settings.mode === "test" ? createTestClock() : undefined;
  const clock = testClock ?? systemClock;
  const secrets = createSecrets(settings.secret);
  const has = (role: Role) => settings.roles.includes(role);

  const opened = await openStore(settings.dataFolder, secrets, clock, settings.database, settings.blobs);
  undo.push("store", () => opened.close());
  await checkBlobs(opened, log);
  await testClock?.follow(opened.movedClock);
  undo.push("clock", async () => testClock?.stop());
  await ensureAuthority(opened, clock, settings.mode, settings.baseUrl);
  const store = surrounded(opened, around);

  const queues = around("queues", createQueues({ redisUrl: settings.redisUrl, log }));
  undo.push("queues", () => queues.close(), stopping.leftoversMs);
  await queues.ready();

  const laws = lawsOf(collecteDecider, memberDecider);
  const runtime = createRuntime({
    journal: store.journal,
    reads: store.reads,
    laws,
    clock,
    log,
    queues,
    settings: {
      groupLimit,
      queueLimit: settings.queueLimit,
      mailboxLimit: settings.mailboxLimit,
      effectsAtOnce: Object.fromEntries(effectKinds.map((kind) => [kind, settings.effectsAtOnce])),
      rates: settings.gatewayRates,
      leaseMs: settings.leaseMs,
      sweepMs,
      roles: { decides: has("actors"), acts: has("effects") },
    },
  });
  const house: House = { ...site, has, clock, testClock, secrets, store, laws, runtime };

  const server = createServer(patience);
  const reach = has("effects") ? effectsOf(house) : undefined;
  const door = has("http") ? doorOf(house) : healthDoorOf(house);
  undo.push("runtime", () => runtime.stop(stopping.effectsMs));
  undo.push("http", () => closeServer(server, stopping.requestsMs));
  undo.push("leases", () => runtime.committer.hold());
  await listen(server, settings.port, settings.host);
  const url = urlOf(server, settings.host);
  const baseUrl = settings.baseUrl ?? url;

  const { roles } = settings;
  const { committer } = runtime;
  const health = createHealth({ roles, store, queues, committer, effectKinds, clock });
  // In the same turn as the listening began: a request that nobody hears would never be answered.
  server.on("request", door({ baseUrl, health, isClosing: () => !server.listening }));

  await runtime.start(reach?.(baseUrl));
  if (has("effects")) await joinBounces(house);
  if (has("cron")) startCalendar(house);
  return { url, baseUrl, store: store.kind, queue: queues.kind, roles, stop: () => undo.stop() };
}

function surrounded(store: Store, around: Around): Store {
  const { journal, reads, calendar, documents, contacts, directory, keyring, blobs } = store;
  return {
    ...store,
    journal: around("journal", journal),
    reads: around("reads", reads),
    calendar: around("calendar", calendar),
    documents: around("documents", documents),
    contacts: around("contacts", contacts),
    directory: around("directory", directory),
    keyring: around("keyring", keyring),
    blobs: around("blobs", blobs),
  };
}

/** The outside world, and what is done to it once it is known where links lead. */
function effectsOf(house: House): (baseUrl: string) => Effects {
  const { settings, outside, secrets, clock, store, undo, around } = house;
  const pool = around("pool", createSigningPool({ threads: settings.threads }));
  undo.push("signing pool", () => pool.close(), stopping.leftoversMs);
  const mailer = around(
    "mailer",
    createSmtpMailer({ smtpUrl: outside.smtpUrl, from: settings.mailFrom, returnPath: returnPaths(house) }),
  );
  undo.push("mailer", () => mailer.close());
  const joined = joinSmsGateway(house, outside.smsUrl);
  undo.push("SMS gateways", () => joined.close());
  const sms = around("sms", joined.gateway);
  const { blobs, directory } = store;
  const keyring = publishing(store.keyring, settings.baseUrl);
  const outgoing = createOutgoing({ mayLoop: settings.mode === "test" });
  undo.push("outgoing", () => outgoing.close());
  const signAtLevel = joinLevels({ settings, store, pool, outgoing, clock, around });
  const certificates = createMemberCertificates(store, clock, settings.baseUrl);
  const member = memberActing({ sms, directory, certificates, secrets, clock });
  return (baseUrl) => {
    const handlers = createEffects({
      mailer,
      sms,
      signAtLevel,
      blobs,
      keyring,
      directory,
      secrets,
      clock,
      settings: {
        baseUrl,
        mailDomain: new URL(baseUrl).hostname,
        certify: settings.certify,
        lock: settings.lock,
      },
    });
    return byActor({ collecte: { handlers, failureCommand, delayCommand }, member });
  };
}

type OpenDoor = (of: Pick<Door, "health" | "isClosing"> & { baseUrl: string }) => RequestListener;

function doorOf(house: House): OpenDoor {
  const { settings, secrets, clock, testClock, log, store, runtime, undo, around } = house;
  const people = joinPeople(store, clock, settings);
  const warn = (missing: readonly string[]) =>
    log.warn(
      { missing: missing.join(", ") },
      "this machine does not bound the processes that read unknown PDFs",
    );
  const waiting = settings.uploadsWaiting;
  const inspector = around("inspector", createInspector({ processes: 1, waiting, warn }));
  undo.push("inspector", () => inspector.close());
  const verifier = createVerifier({ waiting });
  undo.push("verifier", () => verifier.close());
  const trustDer = trustedTsa(settings.tsa);
  const publication = createPublication(store, clock, settings.baseUrl);
  const spreadsheets = createSpreadsheets({ waiting });
  undo.push("spreadsheets", () => spreadsheets.close());
  const { reads, documents, contacts, directory, blobs } = store;
  const { maxDocumentBytes, maxDocumentPages, level, sessionMinutes, rateLimits, trustedProxies } = settings;
  return ({ baseUrl, health, isClosing }) =>
    createApp({
      mailbox: runtime.committer,
      reads,
      documents,
      contacts,
      spreadsheets,
      directory,
      ...people,
      blobs,
      inspector,
      verifier: {
        verify: async (path) => {
          const anchors = await anchorsOf(store.keyring);
          return verifier.verify(path, { trustDer: [...anchors, ...trustDer], at: clock.now() });
        },
      },
      publication,
      smsBudget: budgetOf(house),
      smsReceipts: joinSmsReceipts(house),
      secrets,
      clock,
      ...(testClock && { testClock }),
      log,
      settings: {
        baseUrl,
        maxDocumentBytes,
        maxDocumentPages,
        level,
        sessionMinutes,
        rateLimits,
        trustedProxies,
      },
      isClosing,
      health,
    });
}

function healthDoorOf({ log }: House): OpenDoor {
  return ({ health }) => createHealthApp({ health, log });
}

function startCalendar({ store, runtime, laws, clock, log, undo }: House): void {
  const { reads, calendar } = store;
  const mailbox = runtime.committer;
  const run = (now: number) => sweepDueTimers({ reads, mailbox, laws }, now);
  const timetable = startTimetable({
    calendar,
    sweeps: [
      { name: "timers", everyMs: timers.everyMs, run },
      { name: "sms", everyMs: timers.forgetMs, run: store.sms.forget },
    ],
    clock,
    log,
    newHolder: () => newId("run", clock.now()),
    leaseMs: timers.leaseMs,
    tickMs: timers.tickMs,
  });
  undo.push("calendar", () => timetable.stop(), stopping.sweepsMs);
}
