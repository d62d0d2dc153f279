import type { Committer } from "./committer.ts";
import { codeOf, Retryable, Terminal } from "./errors.ts";
import { longestPauseMs } from "./horizons.ts";
import { mostLapses } from "./lapses.ts";
import { createLeases } from "./leases.ts";
import type { AnyEffectInHand, Clock, EffectRow, Log, Message, Reads } from "./ports.ts";

/** Acts on one kind of effect and answers with the command that tells the actor what it learnt. */
export type EffectHandler = (effect: AnyEffectInHand) => Promise<{ type: string; at: number } | undefined>;

export interface EffectRunnerOptions {
  reads: Reads;
  committer: Committer;
  clock: Clock;
  log: Log;
  leaseMs: number;
  handlers: Record<string, EffectHandler>;
  /** Kinds of which each act is counted, and so marked as begun before it. */
  countedKinds?: ReadonlySet<string>;
  /** The command that tells an actor that an effect has failed for good. */
  failureCommand(effect: AnyEffectInHand, code: string, at: number): { type: string; at: number };
  /** The command that tells an actor what an effect waits for, if the actor is to know and does not. */
  delayCommand?(
    effect: AnyEffectInHand,
    error: Retryable,
    at: number,
  ): { type: string; at: number } | undefined;
}

/** After this many throws of no known family an effect is a fault of ours, not of the weather. */
const unexpectedTries = 5;
/** An act that may have happened is done once more, so that nothing is lost; a third time would be a nuisance. */
const toleratedDoubts = 1;
/** Too near to the end of a lease, somebody else may act as well. */
const leaseMarginMs = 2_000;
const longestOwnPauseMs = 5 * 60_000;
/** From this many lapses on an effect may be what kills the engine: it is acted on with no other such beside it. */
const lapsesOfSuspect = 2;
const suspectPauseMs = 1_000;

/**
 * One effect job: read the row, act, and commit its end together with its answer. Safe to call twice, late, or for
 * a row that is gone: only the holder of the living lease acts.
 */
export function createEffectRunner(
  options: EffectRunnerOptions,
): (job: { id: string; attempts: number }) => Promise<void> {
  const { reads, committer, clock, log, leaseMs, countedKinds = new Set() } = options;
  const inHand = new Set<string>();
  const leases = createLeases({ committer, log, leaseMs });
  let suspect: string | undefined;

  /** A hint that was doubled while its effect is in hand here is dropped. */
  async function run(job: { id: string; attempts: number }): Promise<void> {
    if (inHand.has(job.id)) return;
    inHand.add(job.id);
    try {
      await act(job);
    } finally {
      inHand.delete(job.id);
    }
  }

  async function act(job: { id: string; attempts: number }): Promise<void> {
    const effect = await reads.effect(job.id);
    if (!effect || effect.row.attempts !== job.attempts) return;
    const { row } = effect;
    if (timeLeft(row) < leaseMarginMs) return;
    const letGo = leases.keep(job);
    try {
      if (row.lapses >= mostLapses) return await fail(effect, new Terminal("engine_died"));
      if (row.lapses >= lapsesOfSuspect) return await actAlone(effect);
      await actOn(effect);
    } finally {
      letGo();
    }
  }

  /** Of several suspects one is the culprit: were they begun together, each would be blamed for the next death. */
  async function actAlone(effect: AnyEffectInHand): Promise<void> {
    if (suspect !== undefined)
      return putOff(effect, "suspect_waits", suspectPauseMs, { ...effect.row, isUnused: true });
    suspect = effect.row.id;
    try {
      await actOn(effect);
    } finally {
      suspect = undefined;
    }
  }

  async function actOn(read: AnyEffectInHand): Promise<void> {
    const { id, attempts } = read.row;
    let effect: AnyEffectInHand | undefined = read;
    if (mustBeMarked(read.row)) {
      await committer.renew([{ id, attempts }]);
      effect = await reads.effect(id);
      // What was prolonged by a commit that took too long has run out again; a lease that ends too late was prolonged
      // just before the clock was set back, and is free for others.
      if (effect?.row.attempts !== attempts) return;
      if (timeLeft(effect.row) < leaseMarginMs || timeLeft(effect.row) > leaseMs) return;
    }
    let message: Message | undefined;
    try {
      const handler = options.handlers[effect.row.kind];
      if (!handler) throw new Terminal("unknown_effect_kind");
      const command = await handler(effect);
      message = command && answer(effect, command, "done");
    } catch (error) {
      return fail(effect, error);
    }
    // A store that fails here says nothing against the act: when the lease has run out it is done again, with its id.
    await committer.settle({ kind: "settled", of: effect.row.kind, id }, message);
  }

  function timeLeft({ leaseUntil }: EffectRow): number {
    return (leaseUntil ?? 0) - clock.now();
  }

  /**
   * A commit before the act, which most acts do without: where a death or the day's cap must be told apart from a lost
   * hint, and where the lease may end before its first turn to be prolonged, or was made on another clock.
   */
  function mustBeMarked(row: EffectRow): boolean {
    const isOdd = timeLeft(row) < (leaseMs * 2) / 3 || timeLeft(row) > leaseMs;
    return row.lapses > 0 || countedKinds.has(row.kind) || isOdd;
  }

  async function fail(effect: AnyEffectInHand, error: unknown): Promise<void> {
    const { id, attempts, kind } = effect.row;
    const code = codeOf(error);
    const isExpected = error instanceof Retryable || error instanceof Terminal;
    const faults = effect.row.faults + (isExpected ? 0 : 1);
    const doubts = effect.row.doubts + (error instanceof Retryable && error.isDoubtful ? 1 : 0);
    const facts = { effect: id, kind, attempts, code, ...(!isExpected && { error: describe(error) }) };
    if (error instanceof Terminal || faults >= unexpectedTries || doubts > toleratedDoubts) {
      // Who stood still past its lease has no say any more: another tries, and its success must not meet a failure.
      if ((await reads.effect(id))?.row.attempts !== attempts) return;
      log.error(facts, "effect failed for good");
      const command = options.failureCommand(effect, code, clock.now());
      const buried = { kind: "buried", of: kind, id, attempts, error: code } as const;
      await committer.settle(buried, answer(effect, command, `failed:${attempts}`));
      return;
    }
    log.warn(facts, "effect postponed");
    // An act that has come to an end, even a bad one, did not kill anybody.
    const tries = { faults, doubts, lapses: 0 };
    const told = error instanceof Retryable && options.delayCommand?.(effect, error, clock.now());
    const message = told ? answer(effect, told, `delayed:${attempts}`) : undefined;
    await putOff(effect, code, pauseAfter(error, isExpected ? attempts : 2 * faults), tries, message);
  }

  async function putOff(
    { row: { id, kind, attempts } }: AnyEffectInHand,
    error: string,
    pauseMs: number,
    { faults, doubts, lapses, isUnused = false }: Tries,
    message?: Message,
  ): Promise<void> {
    const dueAt = clock.now() + pauseMs;
    const tries = { attempts, faults, doubts, lapses };
    await committer.settle({ kind: "postponed", of: kind, id, ...tries, dueAt, error, isUnused }, message);
  }

  return run;
}

interface Tries extends Pick<EffectRow, "faults" | "doubts" | "lapses"> {
  isUnused?: boolean;
}

/** What the outside world asked for, an hour at most, else longer after each failure, up to five minutes. */
function pauseAfter(error: unknown, failures: number): number {
  const asked = error instanceof Retryable ? error.retryAfterMs : undefined;
  return asked ? Math.min(longestPauseMs, asked) : Math.min(longestOwnPauseMs, 500 * 2 ** failures);
}

/** One id per end of an effect: an answer that is given twice changes nothing. */
function answer(effect: AnyEffectInHand, command: { type: string; at: number }, end: string): Message {
  const { id, actorId, actorKind: kind, firmId } = effect.row;
  return { id: `effect:${id}:${end}`, actorId, kind, firmId, command };
}

/** Class and place, never the text: a message may hold what it choked on. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const place = error.stack?.split("\n").find((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line));
  return `${error.name} ${place?.trim() ?? ""}`;
}
