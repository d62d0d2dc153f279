import type { EffectHandlers } from "./effects.ts";

type Handler = EffectHandlers[string];

/** A signature that was accepted in time must not end its own collecte because the clock leapt past the deadline. */
export function inDoubt(sign: Handler, isHeld: () => Promise<boolean>): Handler {
  return async (effect) => {
    const command = await sign(effect);
    if (command?.type !== "RecordSignature" || command.at < (effect.state.expiresAt ?? 0)) return command;
    return (await isHeld()) ? { ...command, isInDoubt: true } : command;
  };
}
