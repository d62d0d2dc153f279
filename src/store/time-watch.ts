import type { Hold, Instant, TimeWatch, WatchRules } from "../actors/runtime/ports.ts";
import type { Connection, Database } from "./database.ts";
import type { RetentionSql } from "./retention-sql.ts";

interface Columns {
  seenAt: number;
  heldSince: number | null;
  leapMs: number | null;
}

const holdOf = ({ heldSince, leapMs }: Columns): Hold | undefined =>
  heldSince === null ? undefined : { since: heldSince, leapMs: leapMs ?? 0 };

/**
 * What a look at the clock makes of what the last one left. Time that leapt, ahead or back, holds purges until it has
 * gone steadily for long enough: whether the clock was wrong or the machine off, it can't know.
 */
export function afterBeat(
  { seenAt, hold }: { seenAt: Instant; hold: Hold | undefined },
  now: Instant,
  { leapMs, steadyMs }: WatchRules,
): Hold | undefined {
  const gap = now - seenAt;
  if (Math.abs(gap) > leapMs) return { since: now, leapMs: gap };
  return hold && now - hold.since < steadyMs ? hold : undefined;
}

/** One row for all processes. */
export function createTimeWatch(
  { reader, lanes, transaction }: Pick<Database, "reader" | "lanes" | "transaction">,
  sql: Pick<RetentionSql, "watched" | "watch" | "keepWatch">,
): TimeWatch {
  const keep = (writer: Connection, now: Instant, hold: Hold | undefined) =>
    writer.run(sql.keepWatch, now, hold?.since ?? null, hold?.leapMs ?? null);
  const watched = async (writer: Connection, now: Instant): Promise<Columns> => {
    const [row] = await writer.all<Columns>(sql.watched, now);
    return row ?? { seenAt: now, heldSince: null, leapMs: null };
  };
  return {
    beat: (now, rules) =>
      transaction(async (writer) => {
        const before = await watched(writer, now);
        const hold = afterBeat({ seenAt: before.seenAt, hold: holdOf(before) }, now, rules);
        await keep(writer, now, hold);
        return hold;
      }, lanes),
    async look() {
      const [row] = await reader.all<Columns>(sql.watch);
      const hold = row && holdOf(row);
      return row && { seenAt: row.seenAt, ...(hold && { hold }) };
    },
    resume: (now) =>
      transaction(async (writer) => {
        const before = await watched(writer, now);
        await keep(writer, now, undefined);
        return before.heldSince !== null;
      }, lanes),
  };
}
