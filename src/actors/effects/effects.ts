import type { Command } from "../collecte/commands.ts";
import type { Effect } from "../collecte/effects.ts";
import { Awaiting, type Retryable } from "../runtime/errors.ts";
import type { EffectInHand, Instant } from "../runtime/ports.ts";
import { deliveryFailure } from "./deliver.ts";
import type { EffectDeps } from "./deps.ts";
import { evidenceEffect } from "./evidence.ts";
import { mailEffect } from "./mail.ts";
import { signEffect } from "./sign.ts";
import { smsEffect } from "./sms.ts";

/**
 * By kind of effect, what does it: the answer is the command that records what was learnt, or undefined when
 * the effect is no longer needed. Throws `Retryable` or `Terminal`; a second call for the same row is harmless.
 */
export interface EffectHandlers {
  [kind: string]: (effect: EffectInHand) => Promise<Command | undefined>;
}

/** The handlers of every kind of effect that a collecte orders. */
export function createEffects(deps: EffectDeps) {
  const sign = signEffect(deps);
  const [mail, sms, evidence] = [mailEffect(deps), smsEffect(deps), evidenceEffect(deps)];
  return { mail, sms, sign, seal: sign, evidence } satisfies EffectHandlers;
}

/**
 * What to record of a signature that waits for a timestamp or for evidence, or of a delivery that fails again and again:
 * both go on being tried. Nothing when that is on the record, or for any other failure that passes.
 */
export function delayCommand(
  { row, state }: EffectInHand,
  error: Retryable,
  at: Instant,
): Command | undefined {
  const effect = row.payload as unknown as Effect;
  if (effect.kind === "deliver") return deliveryFailure({ row, state }, error.code, at);
  if (!(error instanceof Awaiting) || (effect.kind !== "sign" && effect.kind !== "seal")) return undefined;
  if (state.pending?.code === error.pending) return undefined;
  const by = effect.kind === "sign" ? { signatoryId: effect.signatoryId } : { seal: effect.step };
  return { type: "RecordSigningDelay", by, code: error.pending, reason: error.code, at };
}

/** What to record of an effect that will never succeed: `code` is that of its `Terminal`, or of the last try. */
export function failureCommand({ row }: EffectInHand, code: string, at: Instant): Command {
  const effect = row.payload as unknown as Effect;
  switch (effect.kind) {
    case "sign":
      return { type: "RecordSigningFailure", by: { signatoryId: effect.signatoryId }, code, at };
    case "seal":
      return { type: "RecordSigningFailure", by: { seal: effect.step }, code, at };
    case "mail":
    case "sms":
      return {
        type: "RecordNotification",
        effectId: row.id,
        channel: effect.kind,
        notice: effect.notice,
        to: effect.to,
        status: "failed",
        reference: code,
        at,
      };
    case "evidence":
    case "deliver":
    case "purge":
    case "forget":
      return { type: "RecordUpkeepFailure", what: effect.kind, code, at };
  }
}
