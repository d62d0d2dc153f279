import type { collecteDecider } from "../../src/actors/collecte/decider.ts";
import type { Changes, EffectInHand } from "../../src/actors/runtime/ports.ts";
import type { MemoryTables } from "../support/memory-journal.ts";
import type { Owner } from "./world.ts";

/** A bug that stands in for a part of the engine, to see whether the simulation finds it. Nothing planted: `{}`. */
export interface Plant {
  /** Deduplication of wakes that forgets what came while a wake ran. */
  forgetsLast?: boolean;
  knowsNoReceipts?: boolean;
  knowsNoBuckets?: boolean;
  rewrites?(changes: Changes, tables: MemoryTables): Changes;
  dueParts?(owner: Owner, tables: MemoryTables, now: number): number[];
  effect?(id: string, tables: MemoryTables, owner: Owner, now: number): Promise<EffectInHand | undefined>;
  /** Parts of the law. */
  law?: Partial<Pick<typeof collecteDecider, "decide" | "timersOf">>;
  /** Runs before an effect is acted on. */
  beforeActing?(settle: (id: string) => Promise<unknown>, id: string): Promise<unknown>;
  /** Sees each job before its handler. */
  takes?(owner: Owner, id: string, attempts: number): void;
}
