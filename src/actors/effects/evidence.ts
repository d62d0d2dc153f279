import type { Command } from "../collecte/commands.ts";
import type { EffectInHand } from "../runtime/ports.ts";
import type { EffectDeps } from "./deps.ts";

/** Makes the evidence file of a collecte that has ended, or whose documents are gone. */
export function evidenceEffect({
  evidence,
  clock,
}: Pick<EffectDeps, "evidence" | "clock">): (effect: EffectInHand) => Promise<Command | undefined> {
  return async ({ row: { actorId: collecteId, firmId }, state }) => {
    // What was said about people is gone, and the key with it.
    if (state.forgottenAt !== undefined) return undefined;
    const made = await evidence.make({ firmId, collecteId, state });
    return { type: "RecordEvidence", ...made, at: clock.now() };
  };
}
