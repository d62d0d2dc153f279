import { type Laws, lawFor } from "../runtime/laws.ts";
import type { Mailbox, Reads } from "../runtime/ports.ts";

const pageSize = 500;
const hourMs = 3_600_000;

/**
 * Mails one command for each timer that is due at `now`; the law judges again whether it is time. A timer is mailed
 * once an hour until its actor clears it, so one that came too early is not lost.
 */
export async function sweepDueTimers(
  { reads, mailbox, laws }: { reads: Reads; mailbox: Mailbox; laws: Laws },
  now: number,
): Promise<number> {
  const due = await reads.dueTimers(now, pageSize);
  await Promise.all(
    due.map(({ actorId, kind, firmId, name, generation }) =>
      mailbox.accept({
        id: `timer:${actorId}:${name}:${generation}:${Math.floor(now / hourMs)}`,
        actorId,
        kind,
        firmId,
        command: lawFor(laws, kind).onTimer(name, now),
      }),
    ),
  );
  return due.length;
}
