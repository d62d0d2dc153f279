import type { Command } from "../collecte/commands.ts";
import type { Collecte } from "../collecte/state.ts";
import { codeOf, Retryable, Terminal } from "../runtime/errors.ts";
import type { Blobs, Clock, Directory, EffectInHand, ObjectStores } from "../runtime/ports.ts";
import { type DeliveryFile, filesOf, folderNameOf } from "./delivery-files.ts";
import type { DeliveryFolder } from "./delivery-folder.ts";

export interface DeliverDeps {
  blobs: Pick<Blobs, "open">;
  directory: Pick<Directory, "firm">;
  objectStores: Pick<ObjectStores, "put">;
  /** Absent: the operator has given no folder. */
  folder: DeliveryFolder | undefined;
  clock: Clock;
}

const hourMs = 3_600_000;
/** The evidence file is made beside: it is waited for, but not for ever. */
const evidenceWaitMs = hourMs;
/** After some ten minutes of tries somebody must mend it: there is no hurry left. */
const quickTries = 8;

/**
 * Puts the documents of a completed collecte, its evidence file and an index where the firm keeps such things. Whatever fails
 * may be mended by the firm or the operator, so it is tried, in the end hourly, until the documents are purged.
 */
export function deliverEffect(deps: DeliverDeps): (effect: EffectInHand) => Promise<Command | undefined> {
  return async ({ row, state }) => {
    if (state.deliveredAt !== undefined || state.purgingAt !== undefined) return undefined;
    if (mustAwaitEvidence(state, deps.clock.now()))
      throw new Retryable("evidence_awaited", { retryAfterMs: 30_000 });
    try {
      await push(deps, row.firmId, row.actorId, state);
    } catch (error) {
      if (!(error instanceof Retryable || error instanceof Terminal)) throw error;
      const later = row.attempts > quickTries ? { retryAfterMs: hourMs } : {};
      throw new Retryable(codeOf(error), { cause: error, ...later });
    }
    return { type: "RecordDelivery", how: "pushed", at: deps.clock.now() };
  };
}

/** What to record of a delivery that fails again and again, once: the preparer is told by it. */
export function deliveryFailure({ row, state }: EffectInHand, code: string, at: number): Command | undefined {
  const isKnown = state.upkeep?.["deliver"] !== undefined || code === "evidence_awaited";
  if (isKnown || (row.attempts < quickTries && code !== "delivery_not_set")) return undefined;
  return { type: "RecordUpkeepFailure", what: "deliver", code, at };
}

async function push(
  { directory, blobs, objectStores, folder }: DeliverDeps,
  firmId: string,
  id: string,
  state: Collecte,
): Promise<void> {
  const target = (await directory.firm(firmId))?.settings.delivery;
  const files: DeliveryFile[] = filesOf(id, state, async (sha256) => (await blobs.open(sha256)).stream);
  const name = folderNameOf(id, state);
  if (target?.kind === "s3") {
    // The index comes last: who finds it finds all that it names.
    for (const file of files) await objectStores.put(target, `${name}/${file.name}`, file);
    return;
  }
  if (target === undefined || folder === undefined) throw new Retryable("delivery_not_set");
  await folder.put({ firmId, path: target.path, name }, files);
}

function mustAwaitEvidence({ evidence, upkeep, endedAt = 0 }: Collecte, now: number): boolean {
  return evidence === undefined && upkeep?.["evidence"] === undefined && now < endedAt + evidenceWaitMs;
}
