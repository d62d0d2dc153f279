import type { Committer } from "./committer.ts";
import { codeOf, Retryable, Terminal } from "./errors.ts";
import type { Clock, EffectInHand, Log, Message, Reads } from "./ports.ts";

/** Acts on one kind of effect and answers with the command that tells the actor what it learnt. */
export type EffectHandler = (effect: EffectInHand) => Promise<{ type: string; at: number } | undefined>;

export interface EffectRunnerOptions {
  reads: Reads;
  committer: Committer;
  clock: Clock;
  log: Log;
  handlers: Record<string, EffectHandler>;
  /** The command that tells an actor that an effect has failed for good. */
  failureCommand(effect: EffectInHand, code: string, at: number): { type: string; at: number };
}

/** After this many throws of no known family an effect is a fault of ours, not of the weather. */
const unexpectedTries = 5;
/** An act that may have happened is done once more, so that nothing is lost; a third time would be a nuisance. */
const toleratedDoubts = 1;
/** Too near to the end of a lease, somebody else may act as well. */
const leaseMarginMs = 2_000;
const longestPauseMs = 5 * 60_000;

/**
 * One effect job: read the row, act, and commit its end together with its answer. Safe to call twice, late, or for
 * a row that is gone: only the holder of the living lease acts.
 */
export function createEffectRunner(
  options: EffectRunnerOptions,
): (job: { id: string; attempts: number }) => Promise<void> {
  const { reads, committer, clock, log } = options;
  const inHand = new Set<string>();

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
    if ((effect.row.leaseUntil ?? 0) - clock.now() < leaseMarginMs) return;
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
    await committer.settle({ kind: "settled", of: effect.row.kind, id: job.id }, message);
  }

  async function fail(effect: EffectInHand, error: unknown): Promise<void> {
    const { id, attempts, kind } = effect.row;
    const code = codeOf(error);
    const isExpected = error instanceof Retryable || error instanceof Terminal;
    const faults = effect.row.faults + (isExpected ? 0 : 1);
    const doubts = effect.row.doubts + (error instanceof Retryable && error.isDoubtful ? 1 : 0);
    const facts = { effect: id, kind, attempts, code, ...(!isExpected && { error: describe(error) }) };
    if (error instanceof Terminal || faults >= unexpectedTries || doubts > toleratedDoubts) {
      log.error(facts, "effect failed for good");
      const command = options.failureCommand(effect, code, clock.now());
      const buried = { kind: "buried", of: kind, id, attempts, error: code } as const;
      await committer.settle(buried, answer(effect, command, `failed:${attempts}`));
      return;
    }
    const dueAt = clock.now() + pauseAfter(error, isExpected ? attempts : 2 * faults);
    log.warn(facts, "effect postponed");
    const postponed = {
      kind: "postponed",
      of: kind,
      id,
      attempts,
      faults,
      doubts,
      dueAt,
      error: code,
    } as const;
    await committer.settle(postponed);
  }

  return run;
}

/** What the outside world asked for, else longer after each failure, up to five minutes. */
function pauseAfter(error: unknown, failures: number): number {
  const asked = error instanceof Retryable ? error.retryAfterMs : undefined;
  return asked || Math.min(longestPauseMs, 500 * 2 ** failures);
}

/** One id per end of an effect: an answer that is given twice changes nothing. */
function answer(effect: EffectInHand, command: { type: string; at: number }, end: string): Message {
  const { id, actorId, firmId } = effect.row;
  return { id: `effect:${id}:${end}`, actorId, kind: "collecte", firmId, command };
}

/** Class and place, never the text: a message may hold what it choked on. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const place = error.stack?.split("\n").find((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line));
  return `${error.name} ${place?.trim() ?? ""}`;
}
