import type { Command } from "../../src/actors/collecte/commands.ts";
import type { EffectHandlers } from "../../src/actors/effects/effects.ts";
import { Retryable, Terminal } from "../../src/actors/runtime/errors.ts";
import type { EffectInHand } from "../../src/actors/runtime/ports.ts";
import { digest } from "./names.ts";
import type { Outside } from "./outside.ts";
import { type Mortal, port } from "./port.ts";
import type { World } from "./world.ts";

/**
 * What is done with a collecte after its end, as one process does it: the evidence file, the push to where the firm
 * keeps its documents, the purge and the forgetting. Each may die or fail in the middle, and be done again.
 */
export function upkeepOf(world: World, outside: Outside, owner: Mortal): EffectHandlers {
  const call = (where: string, work: () => void) =>
    port(world, owner, where, work, {
      before: "upkeepFails",
      after: "upkeepFails",
      failure: () =>
        world.faults.strikes("upkeepRefused", where) ? new Terminal("refused") : new Retryable("away"),
    });
  const at = () => world.clock.now();
  return {
    async evidence({ row, state }: EffectInHand): Promise<Command | undefined> {
      if (state.forgottenAt !== undefined) return undefined;
      const sha256 = digest(`${row.id} ${state.status}`);
      await call(`evidence ${row.id}`, () => void outside.evidence.set(row.actorId, sha256));
      return { type: "RecordEvidence", sha256, bytes: 1_000, level: "B-B", at: at() };
    },
    async deliver({ row, state }: EffectInHand): Promise<Command | undefined> {
      if (state.purgingAt !== undefined) return undefined;
      await call(`deliver ${row.id}`, () => void outside.pushed.add(row.actorId));
      return { type: "RecordDelivery", how: "pushed", at: at() };
    },
    async purge({ row, state: { documents } }: EffectInHand): Promise<Command | undefined> {
      let removed = 0;
      for (const sha256 of documents.flatMap(({ past = [], head }) => [...past, head])) {
        await call(`purge ${row.id}`, () => {
          if (outside.blobs.delete(sha256)) removed++;
        });
      }
      return { type: "RecordPurge", removed, kept: 0, at: at() };
    },
    async forget({ row }: EffectInHand): Promise<Command | undefined> {
      await call(`forget ${row.id}`, () => void outside.evidence.delete(row.actorId));
      return undefined;
    },
  };
}
