import type { Effect } from "../../src/actors/collecte/effects.ts";
import type { PadesLevel } from "../../src/actors/collecte/levels.ts";
import type { Collecte } from "../../src/actors/collecte/state.ts";
import { canonicalJson } from "../../src/actors/runtime/canonical-json.ts";
import type { Changes, Outcome } from "../../src/actors/runtime/ports.ts";
import type { MemoryTables, StoredEffect } from "../support/memory-journal.ts";
import type { EngineSettings } from "./engine.ts";
import { actorOfEffect } from "./names.ts";
import { Record } from "./record.ts";
import type { World } from "./world.ts";

/** What became of an effect in the outside world. */
interface Deeds {
  mails: number;
  /** Faults that touched it: each may have led to one more mail. */
  excuses: number;
}

/** By kind of effect. */
type Rates = EngineSettings["rates"];

/** An effect in the hand of a process. */
interface Hand {
  attempts: number;
  /** Whether the lease was its own and alive when it read the row. */
  isHolder: boolean;
  /** Since when it is its own, by the scheduler's time. */
  heldSince: number;
  isActing: boolean;
}

/** For longer than this, less a lease, no act is waited for. */
const longestHoldMs = 500_000;

/**
 * Sees every commit, every act on the outside world and every answer to a client, and knows what must be so. It
 * reads the tables, and believes nothing that the engine says of itself.
 */
export class Judge {
  readonly records = new Map<string, Record>();
  readonly #world: World;
  readonly #tables: MemoryTables;
  readonly #blobs: ReadonlyMap<string, PadesLevel>;
  readonly #ordered = new Map<string, Changes["effects"][number]>();
  readonly #deeds = new Map<string, Deeds>();
  /** By process and effect. */
  readonly #hands = new Map<string, Hand>();
  /** Until when a process could not be expected to prolong its leases, by the scheduler's time. */
  readonly #disturbed = new Map<string, number>();
  readonly #doubled = new Set<string>();
  readonly #leased = new Map<string, number[]>();
  readonly #told = new Map<string, Outcome>();
  /** Of which link each session is. */
  readonly #sessions = new Map<string, number>();
  #settling: StoredEffect[] = [];

  readonly #rates: Rates;

  constructor(world: World, tables: MemoryTables, blobs: ReadonlyMap<string, PadesLevel>, rates: Rates) {
    this.#rates = rates;
    this.#world = world;
    this.#tables = tables;
    this.#blobs = blobs;
  }

  writing({ settled, returned, postponed }: Changes): void {
    this.#settling = settled.flatMap((id) => this.#tables.outbox.get(id) ?? []);
    // Leave that ends unused is given back.
    const unused = [...returned, ...postponed.filter((one) => "isUnused" in one && one.isUnused)];
    for (const { id } of unused) this.unused(this.#tables.outbox.get(id)?.kind ?? "");
  }

  committed(changes: Changes, by: string): void {
    const world = this.#world;
    for (const { type, actorId, version } of changes.events)
      world.note(`  ${by} commits ${actorId} ${version} ${type}`);
    for (const effect of changes.effects) {
      const { id } = effect;
      if (this.#ordered.has(id)) this.#blame("no effect is ordered twice", id);
      this.#ordered.set(id, effect);
    }
    for (const id of new Set(changes.actors.map(({ id }) => id))) {
      this.record(id).follow(this.#tables, this.#blobs, world.latestClock);
    }
    for (const row of this.#settling) this.#judgeSettled(row);
  }

  /** What an effect was ordered to do. */
  orderOf(effectId: string): Changes["effects"][number] | undefined {
    return this.#ordered.get(effectId);
  }

  record(id: string): Record {
    const known = this.records.get(id);
    if (known) return known;
    const record = new Record(id, this.#sessions, (rule, detail) => this.#blame(rule, detail));
    this.records.set(id, record);
    return record;
  }

  /** Somebody acts in a session that began with this link. */
  follows(sessionId: string, generation: number): void {
    this.#sessions.set(sessionId, generation);
  }

  /** A client was told what became of its message: it must stand in the record already, and never change. */
  told(messageId: string, actorId: string, outcome: Outcome): void {
    if (outcome.status === "accepted" || isForNow(outcome)) return;
    const before = this.#told.get(messageId);
    if (before && canonicalJson(before) !== canonicalJson(outcome))
      this.#blame("an id has one outcome", `${messageId}: ${text(before)}, then ${text(outcome)}`);
    this.#told.set(messageId, outcome);
    this.#judgeTold(messageId, actorId, outcome);
  }

  /** At the end, all that anybody was ever told is still so. */
  everythingTold(actorOf: (messageId: string) => string): void {
    for (const [id, outcome] of this.#told) this.#judgeTold(id, actorOf(id), outcome);
  }

  /** A process was given a job: false when it has that effect in hand already. */
  takes(effectId: string, process: string, attempts: number): boolean {
    const key = `${process} ${effectId}`;
    if (this.#hands.has(key)) return false;
    this.#hands.set(key, { attempts, isHolder: false, heldSince: this.#world.now, isActing: false });
    return true;
  }

  /** It read the row, as it is committed now. */
  reads(effectId: string, process: string): void {
    const hand = this.#hands.get(`${process} ${effectId}`);
    const row = this.#tables.outbox.get(effectId);
    if (!hand) return;
    hand.heldSince = this.#world.now;
    hand.isHolder =
      row?.status === "leased" &&
      row.attempts === hand.attempts &&
      (row.leaseUntil ?? 0) > this.#world.clock.now();
  }

  acts(effectId: string, process: string): void {
    const hand = this.#hands.get(`${process} ${effectId}`);
    if (!hand?.isHolder) this.#blame("only the holder of the lease acts", `${process} on ${effectId}`);
    if (hand) hand.isActing = true;
  }

  /** A fault that keeps a process from prolonging its leases: it stands still, or its store is slow or away. */
  disturb(process: string, ms: number): void {
    const until = this.#world.now + ms;
    this.#disturbed.set(process, Math.max(until, this.#disturbed.get(process) ?? 0));
  }

  letsGo(effectId: string, process: string): void {
    this.#hands.delete(`${process} ${effectId}`);
  }

  mailed(effectId: string): void {
    const deeds = this.#deedsOf(effectId);
    deeds.mails++;
    if (deeds.mails > 1 + deeds.excuses)
      this.#blame("one mail, and one more for each fault", `${effectId}: ${deeds.mails} mails`);
  }

  excuse(effectId: string, why: string): void {
    this.#world.note(`  ${why}: ${effectId}`);
    this.#deedsOf(effectId).excuses++;
  }

  /** Two processes may act under one lease, and either may end it. */
  hintDoubled(effectId: string): void {
    this.#doubled.add(effectId);
    this.excuse(effectId, "its hint was doubled");
  }

  /** A fault that touches all that a process has in hand. */
  excuseAllOf(process: string, why: string): void {
    this.disturb(process, 0);
    for (const key of this.#hands.keys()) {
      if (key.startsWith(`${process} `)) this.excuse(key.slice(process.length + 1), why);
    }
  }

  /** A process is dead: what it had in hand may have been done. */
  killed(process: string): void {
    this.excuseAllOf(process, "killed");
    for (const key of this.#hands.keys()) if (key.startsWith(`${process} `)) this.#hands.delete(key);
  }

  /** Someone acts already, and the effect is leased anew: a lease that could be prolonged should have been. */
  leasedAgain(effectId: string): void {
    for (const [key, { heldSince, isActing }] of this.#hands) {
      if (!key.endsWith(` ${effectId}`)) continue;
      const [process = ""] = key.split(" ");
      const isDisturbed = (this.#disturbed.get(process) ?? -1) >= heldSince;
      const isSole = !this.#doubled.has(effectId);
      if (isActing && isSole && !isDisturbed && this.#world.now - heldSince < longestHoldMs)
        this.#blame("what is in hand is not leased anew", `${effectId}, in the hand of ${process}`);
      this.excuse(effectId, "leased anew while in hand");
      return;
    }
  }

  /** A lease of this kind ended, and nobody had asked the gateway. */
  unused(kind: string): void {
    this.#leased.get(kind)?.pop();
  }

  /** Only where each act is marked as begun is it known that nobody had. */
  lapsesUnbegun(kind: string): void {
    if (this.#rates[kind]?.perDay !== undefined) this.unused(kind);
  }

  /** Leave to ask a gateway: never more than its rate and one second's worth, by the scheduler's time. */
  leases(kind: string): void {
    const { perSecond } = this.#rates[kind] ?? {};
    const jumped = this.#world.faults.happened.some((fault) => fault.kind === "clockJump");
    if (perSecond === undefined || jumped) return;
    const times = this.#leased.get(kind) ?? [];
    this.#leased.set(kind, times);
    times.push(this.#world.now);
    times.forEach((from, i) => {
      const most = perSecond * (1 + (this.#world.now - from) / 1_000);
      if (times.length - i > most) this.#blame("no gateway is asked too often", `${kind} since ${from}`);
    });
  }

  #deedsOf(effectId: string): Deeds {
    const known = this.#deeds.get(effectId);
    if (known) return known;
    const deeds = { mails: 0, excuses: 0 };
    this.#deeds.set(effectId, deeds);
    return deeds;
  }

  #judgeTold(messageId: string, actorId: string, outcome: Outcome): void {
    if (outcome.status === "accepted") return;
    const receipt = this.#tables.receipts.get(messageId);
    if (canonicalJson(receipt?.outcome) !== canonicalJson(outcome))
      this.#blame("what was acknowledged is in the record", `${messageId}: told ${text(outcome)}`);
    if (outcome.status !== "done" || mayChangeNothing(messageId)) return;
    if (this.records.get(actorId)?.versionOf(messageId) !== outcome.version)
      this.#blame("what was acknowledged is in the record", `${messageId}: no events at ${outcome.version}`);
  }

  /** A row goes with the answer of its act, or because nobody needs the act any more. */
  #judgeSettled(row: StoredEffect): void {
    const answer = `effect:${row.id}:done`;
    if (this.#tables.receipts.has(answer) || this.#tables.mailbox.has(answer)) return;
    const state = this.#tables.actors.get(actorOfEffect(row.id))?.state as Collecte | undefined;
    if (state && isStillNeeded(row.payload as unknown as Effect, row.id, state, this.#world.latestClock))
      this.#blame("no effect is forgotten", `${row.id} ${row.kind}`);
  }

  #blame(rule: string, detail: string): void {
    this.#world.violate(rule, detail);
  }
}

/** Whether an effect would still have to be done. What is no longer needed never is again. */
function isStillNeeded(effect: Effect, id: string, state: Collecte, latestClock: number): boolean {
  if (state.notifications[id] && state.notifications[id].status !== "failed") return false;
  switch (effect.kind) {
    case "mail": {
      const { status, linkGeneration } = state.signatories[effect.to] ?? {};
      if (effect.notice === "invitation")
        return (
          state.status === "launched" && status === "invited" && linkGeneration === effect.link.generation
        );
      if (effect.notice === "completed")
        return state.status === "completed" && !state.purgingAt && !state.downloads?.[effect.to];
      return ["refused", "expired"].includes(effect.notice) && state.status === effect.notice;
    }
    case "sms": {
      const otp = state.signatories[effect.to]?.otp;
      return state.status === "launched" && otp?.id === effect.otpId && latestClock < otp.expiresAt;
    }
    case "sign":
    case "seal":
      return canonicalJson(state.ordered[0]) === canonicalJson(orderOf(effect));
    case "purge":
      return state.status !== "purged";
    case "evidence":
      return state.evidence === undefined && state.forgottenAt === undefined;
    case "deliver":
      // A clock that leaps over the month purges what has not left.
      return state.deliveredAt === undefined && state.purgingAt === undefined;
    case "forget":
      return false;
  }
}

/** Orders and records that say what is so already are taken, and nothing happens. */
function mayChangeNothing(messageId: string): boolean {
  return /:preparer:|:download-|^receipt:/.test(messageId);
}

function orderOf(effect: Extract<Effect, { kind: "sign" | "seal" }>): object {
  return effect.kind === "seal" ? { seal: effect.step } : { signatoryId: effect.signatoryId };
}

/** "Come back later" is no answer for ever. */
export function isForNow(outcome: Outcome): boolean {
  return outcome.status === "refused" && "retryAfterSeconds" in outcome.facts;
}

function text(outcome: Outcome): string {
  return JSON.stringify(outcome);
}
