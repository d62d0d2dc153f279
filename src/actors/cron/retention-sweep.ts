import { codeOf } from "../runtime/errors.ts";
import type { Blobs, Instant, Log, Retention } from "../runtime/ports.ts";
import { letGo, type Removing } from "../runtime/removal.ts";

const dayMs = 24 * 3_600_000;
const uploadsAtOnce = 200;

/** A blob that nothing names is of a process that died or failed a moment ago, or long ago. */
const unnamedAfterMs = 2 * dayMs;

export interface SweepRules {
  uploadDays: number;
  receiptDays: number;
}

export interface RetentionSweep extends Removing {
  retention: Retention;
  blobs: Blobs;
  /** Whether the clock is in doubt. */
  isHeld(): Promise<boolean>;
  rules: SweepRules;
  log: Log;
}

export interface Swept {
  uploads: number;
  leftovers: number;
  unnamed: number;
  receipts: number;
  sessions: number;
}

/**
 * Removes what no collecte's own purge does: uploads that nobody used, blobs that nothing names, removals that were
 * not ended, old receipts, and people from old sessions of the parapheur; and then makes what was deleted unreadable in the database. Undefined while time is in doubt.
 */
export async function sweepRetention(deps: RetentionSweep, now: Instant): Promise<Swept | undefined> {
  if (await deps.isHeld()) return undefined;
  const uploads = await sweepUploads(deps, now);
  const sha256s = await deps.retention.leftovers(now);
  const leftovers = sha256s.length === 0 ? 0 : (await letGo(deps, { uploads: [], sha256s })).removed;
  const unnamed = await deps.blobs.sweep((names) => deps.retention.named(names), unnamedAfterMs);
  const old = now - deps.rules.receiptDays * dayMs;
  const receipts = await deps.retention.dropReceipts(old);
  const sessions = await deps.retention.forgetSessions(old);
  // Somebody may be reading, or the database busy: the next sweep does it.
  await deps.retention
    .scrub()
    .catch((error: unknown) => deps.log.warn({ code: codeOf(error) }, "deleted values were not yet wiped"));
  return { uploads, leftovers, unnamed, receipts, sessions };
}

async function sweepUploads(deps: RetentionSweep, now: Instant): Promise<number> {
  let count = 0;
  for (;;) {
    const stale = await deps.retention.staleUploads(now - deps.rules.uploadDays * dayMs, uploadsAtOnce);
    if (stale.length === 0) return count;
    const [uploads, sha256s] = [stale.map(({ id }) => id), stale.map(({ sha256 }) => sha256)];
    await letGo(deps, { uploads, sha256s });
    count += stale.length;
  }
}
