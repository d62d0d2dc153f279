import { createServer } from "node:http";
import type { Role } from "../config/schema.ts";
import type { Settings } from "../config/settings.ts";
import { collecteDecider } from "./actors/collecte/decider.ts";
import { createOutgoing } from "./actors/effects/outgoing.ts";
import { memberDecider } from "./actors/member/decider.ts";
import { parapheurDecider } from "./actors/parapheur/decider.ts";
import { lawsOf } from "./actors/runtime/laws.ts";
import { createQueues, type Queues } from "./actors/runtime/queues/queues.ts";
import { createRuntime } from "./actors/runtime/runtime.ts";
import { createSecrets } from "./actors/runtime/secrets.ts";
import { type Around, surrounded, untouched } from "./around.ts";
import { checkBlobs } from "./blobs-check.ts";
import { joinBounces } from "./bounces.ts";
import { createTestClock, systemClock } from "./clock.ts";
import { doorOf, healthDoorOf } from "./doors.ts";
import { createHealth } from "./health.ts";
import type { House, Outside, Site } from "./house.ts";
import { ensureAuthority } from "./identity/enrolment.ts";
import { closeServer, listen, urlOf } from "./listening.ts";
import { createLog } from "./log.ts";
import { effectsOf } from "./outside-world.ts";
import { createStopping } from "./stopping.ts";
import { openStore } from "./store/store.ts";
import { startCalendar } from "./sweeps.ts";
import { createSigningPool } from "./workers/pool.ts";

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

/** Kinds for which nobody waits: few at once, so that the main thread is there for signatures and mails. */
const upkeepKinds = ["evidence", "deliver", "purge", "forget"] as const;
const effectKinds = ["mail", "sms", "sign", "seal", "certify", "parapheur", ...upkeepKinds] as const;
const groupLimit = 500;
const sweepMs = 1_000;
/** How long a caller may take for its headers, and for a whole request: 5 minutes for 10 MB is 270 kbit/s. */
const patience = { headersTimeout: 10_000, requestTimeout: 300_000, connectionsCheckingInterval: 2_000 };
/** Supervisors kill 30 s after they asked. Callers first get their answers, then effects may end. */
const stopping = {
  allMs: 25_000,
  requestsMs: 8_000,
  effectsMs: 10_000,
  /** For what has lost its last user and may still wait for somebody slow: the store needs the rest. */
  leftoversMs: 1_000,
};

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

  const laws = lawsOf(collecteDecider, memberDecider, parapheurDecider);
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
      effectsAtOnce: Object.fromEntries(effectKinds.map((kind) => [kind, atOnce(kind, settings)])),
      rates: settings.gatewayRates,
      leaseMs: settings.leaseMs,
      sweepMs,
      roles: { decides: has("actors"), acts: has("effects") },
    },
  });
  const pool = around("pool", createSigningPool({ threads: settings.threads }));
  undo.push("signing pool", () => pool.close(), stopping.leftoversMs);
  const outgoing = createOutgoing({ mayLoop: settings.mode === "test" });
  undo.push("outgoing", () => outgoing.close());
  const house: House = { ...site, has, clock, testClock, secrets, store, laws, runtime, pool, outgoing };

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

const atOnce = (kind: string, { effectsAtOnce, upkeepAtOnce }: Settings): number =>
  upkeepKinds.some((one) => one === kind) ? Math.min(upkeepAtOnce, effectsAtOnce) : effectsAtOnce;
