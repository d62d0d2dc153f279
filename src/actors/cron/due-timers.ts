import { Overloaded } from "../runtime/errors.ts";
import { type Laws, lawFor } from "../runtime/laws.ts";
import type { DueTimer, Mailbox, Reads } from "../runtime/ports.ts";

const pageSize = 500;
const hourMs = 3_600_000;

/**
 * Mails one command for each timer that is due at `now`; the law judges again whether it is time. A timer is mailed
 * once an hour until its actor clears it, so one that came too early is not lost. One that no law here knows, as of a newer
 * version beside this one, stops no other: once all are mailed, the sweep throws what was wrong with the first.
 */
export async function sweepDueTimers(
  { reads, mailbox, laws }: { reads: Reads; mailbox: Mailbox; laws: Laws },
  now: number,
): Promise<number> {
  const mail = async ({ actorId, kind, firmId, name, generation }: DueTimer) =>
    mailbox.accept({
      id: `timer:${actorId}:${name}:${generation}:${Math.floor(now / hourMs)}`,
      actorId,
      kind,
      firmId,
      command: lawFor(laws, kind).onTimer(name, now),
    });
  let mailed = 0;
  let firstFailure: unknown;
  let page: DueTimer[] = [];
  // All pages, since timers that their actors won't clear yet would else hide the younger ones behind them.
  do {
    page = await reads.dueTimers(now, pageSize, page.at(-1));
    const turnedAway: DueTimer[] = [];
    const failures: unknown[] = [];
    const mailOrKeep = (timer: DueTimer) =>
      mail(timer).catch((error: unknown) => {
        if (error instanceof Overloaded) turnedAway.push(timer);
        else failures.push(error);
      });
    await Promise.all(page.map(mailOrKeep));
    // One after the other: in a full mailbox the older timers would else take all the room, at each sweep.
    for (const timer of turnedAway) await mail(timer);
    mailed += page.length - failures.length;
    firstFailure ??= failures[0];
    // Nothing of a whole page: it is the store that is away.
    if (failures.length === pageSize) break;
  } while (page.length === pageSize);
  if (firstFailure !== undefined) throw firstFailure;
  return mailed;
}
