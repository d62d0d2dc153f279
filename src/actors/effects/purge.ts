import type { Command } from "../collecte/commands.ts";
import { keptUntil } from "../collecte/retention.ts";
import { Retryable } from "../runtime/errors.ts";
import type { EffectInHand, EvidenceFiles, Retention } from "../runtime/ports.ts";
import { letGo, type Removing } from "../runtime/removal.ts";

export interface RetentionDeps extends Removing {
  retention: Retention;
  evidence: Pick<EvidenceFiles, "keepCertificates">;
  /** Whether the clock is in doubt. */
  isHeld(): Promise<boolean>;
}

const heldPauseMs = 600_000;

/** Removes all that the engine has of a collecte's documents, but for what others need, and says so once it is checked. */
export function purgeEffect(deps: RetentionDeps): (effect: EffectInHand) => Promise<Command | undefined> {
  return async ({ row: { actorId, firmId }, state }) => {
    if (state.purgingAt === undefined || state.status === "purged") return undefined;
    await mustBeTime(deps, keptUntil(state) ?? 0);
    // The file may be late, as when the TSA is away for a month; nobody else has these certificates.
    await deps.evidence.keepCertificates({ firmId, collecteId: actorId, state });
    await deps.retention.clear(actorId);
    const { dropped = [] } = state;
    const counts = await letGo(deps, {
      of: { actorId, firmId, what: "documents" },
      uploads: [...state.documents, ...dropped].map(({ id }) => id),
      sha256s: [
        ...state.documents.flatMap(({ original, head, past = [] }) => [original, ...past, head]),
        ...dropped.map(({ original }) => original),
      ],
    });
    return { type: "RecordPurge", ...counts, at: deps.clock.now() };
  };
}

/** Removes the evidence files, then destroys the key under which everything about people is: last, since it can't be undone. */
export function forgetEffect(deps: RetentionDeps): (effect: EffectInHand) => Promise<undefined> {
  return async ({ row: { actorId, firmId }, state }) => {
    if (state.forgottenAt === undefined) return;
    await mustBeTime(deps, state.forgottenAt);
    const sha256s = await deps.retention.evidenceOf(actorId);
    await letGo(deps, { of: { actorId, firmId, what: "evidence" }, uploads: [], sha256s });
    await deps.retention.clear(actorId);
    await deps.retention.destroyKey(actorId);
  };
}

/** What was ordered when the clock was wrong waits as well: nothing brings it back. */
async function mustBeTime({ isHeld, clock }: RetentionDeps, due: number): Promise<void> {
  if (await isHeld()) throw new Retryable("retention_held", { retryAfterMs: heldPauseMs });
  if (clock.now() < due) throw new Retryable("retention_not_due", { retryAfterMs: heldPauseMs });
}
