import type { PadesLevel } from "../../src/actors/collecte/levels.ts";
import type { MailMessage, Sms } from "../../src/actors/runtime/ports.ts";
import type { Rate } from "../../src/actors/runtime/rates.ts";
import { createSecrets, type Secrets } from "../../src/actors/runtime/secrets.ts";
import { createMemoryStore } from "../support/memory-journal.ts";
import { Client } from "./client.ts";
import { judgeTheEnd } from "./ending.ts";
import { EngineProcess, type Roles, type Site } from "./engine.ts";
import type { Fault } from "./faults.ts";
import { Judge } from "./judge.ts";
import { actorOfEffect, collecteIds } from "./names.ts";
import { Outside } from "./outside.ts";
import type { Plant } from "./plants.ts";
import { SharedQueue } from "./queue.ts";
import type { Random } from "./random.ts";
import { nextDue } from "./store.ts";
import { Story } from "./story.ts";
import { type Violation, World } from "./world.ts";

export interface HistoryOptions {
  seed: number;
  plant?: Plant;
  /** Faults, by their place, that don't happen. */
  spared?: ReadonlySet<number>;
}

/** What became of one seed. */
export interface History {
  seed: number;
  violation: Violation | undefined;
  steps: number;
  /** SHA-256 of the trace: the same for the same seed. */
  digest: string;
  trace: readonly string[];
  faults: readonly Fault[];
  /** How the collectes ended, by status. */
  ends: Record<string, number>;
}

const all: Roles = { serves: true, decides: true, acts: true, sweeps: true };
const none: Roles = { serves: false, decides: false, acts: false, sweeps: false };

/** The processes of a history, by what each of them does; together they do all. */
const casts: (readonly Roles[])[] = [
  [all],
  [all, all],
  [all, all],
  [
    { ...none, serves: true },
    { ...all, serves: false },
  ],
  [
    { ...none, serves: true },
    { ...none, decides: true, sweeps: true },
    { ...none, acts: true },
  ],
  [
    { ...all, acts: false },
    { ...none, serves: true, acts: true },
  ],
];

const hour = 3_600_000;
const day = 24 * hour;

const real = createSecrets(Buffer.alloc(32, "simulation"));
/** Real keys, but nothing that draws chance of its own. */
const secrets: Secrets = { ...real, openCode: (sealed) => sealed.slice("sealed ".length) };

/** Plays the history of one seed to its end, or to the first law that is broken. */
export async function play({ seed, plant = {}, spared = new Set() }: HistoryOptions): Promise<History> {
  const world = new World(seed, spared);
  const { random } = world;
  const store = createMemoryStore(secrets);
  const blobs = new Map<string, PadesLevel>();
  const rates = ratesOf(random);
  const judge = new Judge(world, store.tables, blobs, rates);
  const outside = new Outside(world, judge, blobs);
  const queueOf = (name: string) =>
    new SharedQueue(name, world, {
      keepsLast: !plant.forgetsLast,
      onDouble: ({ data }) => "id" in data && judge.hintDoubled(String(data.id)),
    });
  const site: Site = {
    world,
    store,
    judge,
    plant,
    outside,
    secrets,
    queues: { wake: queueOf("wake"), effects: queueOf("effects"), due: queueOf("due") },
    settings: {
      groupLimit: random.pick([1, 2, 5, 500]),
      queueLimit: random.pick([2, 1_000]),
      mailboxLimit: random.pick([1, 3, 1_000, 1_000]),
      effectsAtOnce: random.pick([1, 3, 16]),
      leaseMs: random.pick([10_000, 60_000]),
      rates,
    },
  };
  const processes = startProcesses(site, random.pick(casts));
  const actors = new Map<string, string>();
  const client = new Client(site, () => processes, actors);
  const stories = random
    .pick([collecteIds.crowded, collecteIds.apart])
    .slice(0, random.between(1, 4))
    .map((id) => new Story(id, client, outside));
  deliverTo(stories, outside, client);
  world.storeDue = () => nextDue(store.tables, world.clock.now());
  world.onStep = () => strike(site, processes);
  for (const story of stories) void story.play();
  await world.run();
  if (!world.violation) judgeTheEnd(site, stories, actors);
  const ends: Record<string, number> = {};
  for (const { state } of judge.records.values()) {
    const end = state.endedAs ?? state.status;
    ends[end] = (ends[end] ?? 0) + 1;
  }
  const { violation, steps, trace } = world;
  return { seed, violation, steps, digest: world.digest(), trace, faults: world.faults.happened, ends };
}

/** Of half the histories none; the cap of a day is out of reach, and makes each act of its kind be marked. */
function ratesOf(random: Random): Readonly<Record<string, Rate>> {
  if (random.chance(0.5)) return {};
  return {
    mail: { perSecond: random.pick([1, 5, 100]) },
    sms: { perSecond: random.pick([1, 20]), ...(random.chance(0.5) && { perDay: 1_000 }) },
  };
}

/** Processes that come back whenever they die. */
function startProcesses(site: Site, cast: readonly Roles[]): EngineProcess[] {
  const { world } = site;
  const processes: EngineProcess[] = [];
  const start = (place: number, roles: Roles, life: number) => {
    const again = () => {
      const delay = world.random.pick([100, 2_000, 60_000]);
      world.schedule(world.outside, `p${place} comes back`, delay, () => start(place, roles, life + 1));
    };
    const process = new EngineProcess(`p${place}.${life}`, site, roles, again);
    processes[place] = process;
    process.start();
  };
  for (const [place, roles] of cast.entries()) start(place, roles, 1);
  return processes;
}

/** What may befall whole processes, the queue or the clock, at any step. */
function strike({ world, queues, judge }: Site, processes: readonly EngineProcess[]): void {
  const { faults, random } = world;
  const process = random.pick(processes);
  if (process.isAlive && faults.strikes("crash", process.name)) process.crash("between two steps");
  if (process.isAlive && faults.strikes("pause", process.name)) {
    const pauseMs = random.pick([2_000, 15_000, 90_000]);
    process.pausedUntil = world.now + pauseMs;
    judge.disturb(process.name, pauseMs);
    world.note(`  ${process.name} stands still`);
  }
  if (process.isUp && faults.strikes("deploy", process.name)) {
    world.note(`  ${process.name} is asked to stop`);
    process.stop();
  }
  if (faults.strikes("queueFlushed", "both queues")) {
    world.note("  the queues are flushed");
    for (const queue of Object.values(queues)) queue.flush();
  }
  if (faults.strikes("clockJump", "the clock")) {
    const jump = random.pick([-hour, hour, -hour, hour, -31 * day, 31 * day]);
    world.note(`  the clock jumps by ${jump / hour} h`);
    world.jumpClock(jump);
    for (const { name } of processes) judge.disturb(name, 0);
  }
}

/** Mail and SMS reach whoever reads them, or come back; some gateways tell later what became of an SMS. */
function deliverTo(stories: readonly Story[], outside: Outside, client: Client): void {
  const { world } = client.site;
  const storyOf = (effectId: string) => stories.find(({ id }) => id === actorOfEffect(effectId));
  outside.onMail = (mail: MailMessage, effectId) => {
    const story = storyOf(effectId);
    const reader = mail.to.address.endsWith("@firm.example")
      ? story?.preparer
      : story?.byAddress.get(mail.to.address);
    if (world.faults.strikes("bounces", effectId))
      void receipt(client, storyOf(effectId), effectId, "failed");
    else reader?.gets(mail);
  };
  outside.onSms = (sms: Sms, effectId) => {
    const reader = storyOf(effectId)?.byPhone.get(sms.to);
    const isLost = world.faults.strikes("bounces", effectId);
    if (!isLost) reader?.hears(sms);
    if (isLost || world.random.chance(0.5))
      void receipt(client, storyOf(effectId), effectId, isLost ? "failed" : "delivered");
  };
}

/** Comes before or after the record of the sending; a mail that came back has the preparer mend the address. */
async function receipt(
  client: Client,
  story: Story | undefined,
  effectId: string,
  status: "delivered" | "failed",
): Promise<void> {
  const { world, judge } = client.site;
  const row = judge.orderOf(effectId);
  const { notice, to } = (row?.payload ?? {}) as { notice?: unknown; to?: unknown };
  if (!story || !row || typeof notice !== "string" || typeof to !== "string") return;
  await world.sleep(world.random.pick([0, 5_000, 7_200_000]), `receipt of ${effectId}`);
  const channel = row.kind === "sms" ? "sms" : "mail";
  const id = `receipt:${effectId}:${status}`;
  const { id: collecteId, firmId } = story;
  const told = { effectId, channel, notice, to, status, reference: "bounced" } as const;
  await client.insist(id, collecteId, (door) => door.receipt(id, { collecteId, firmId }, told));
  if (status === "failed" && channel === "mail" && to !== "preparer") await story.mends(to);
}
