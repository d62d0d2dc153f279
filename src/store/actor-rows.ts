import { type Collecte, nothing } from "../actors/collecte/state.ts";
import type { ActorRow } from "../actors/runtime/ports.ts";
import type { Vault } from "./vault.ts";

/** A row of `actors` with its key. */
export interface ActorColumns {
  id: string;
  kind: string;
  firm_id: string;
  version: number;
  state: string;
  head_hash: string;
  created_at: number;
  updated_at: number;
  /** Null: the key was destroyed. */
  wrapped: string | null;
}

export function actorOf(row: ActorColumns, vault: Vault): ActorRow {
  vault.learn(row.id, row.wrapped);
  const state = vault.show(row.id, JSON.parse(row.state));
  return { ...actorFacts(row), state: row.wrapped === null ? forgotten(row.kind, state) : state };
}

/** What is left of an actor whose key was destroyed: nobody is in it. */
function forgotten(kind: string, state: unknown): unknown {
  return kind === "collecte" ? { ...(state as Collecte), personal: nothing.personal } : state;
}

/** A damaged state fails its own actor's messages, not the group that they came with. */
export function actorOrDamaged(row: ActorColumns, vault: Vault): ActorRow {
  try {
    const actor = actorOf(row, vault);
    // A key that is lost and was not given up would make what comes next be written without those whom it is about.
    // Sessions of the parapheur are forgotten when they are old, without an event.
    const isLost =
      row.wrapped === null && row.kind !== "parapheur" && (actor.state as Collecte).forgottenAt === undefined;
    if (!isLost) return actor;
    return { ...actor, state: undefined, damaged: true };
  } catch {
    return { ...actorFacts(row), state: undefined, damaged: true };
  }
}

function actorFacts(row: ActorColumns): Omit<ActorRow, "state" | "damaged"> {
  return {
    id: row.id,
    kind: row.kind,
    firmId: row.firm_id,
    version: row.version,
    headHash: row.head_hash,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
