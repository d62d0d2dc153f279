import { longestLeaseMs } from "../actors/runtime/horizons.ts";
import { type Calendar, slotsAhead } from "../actors/runtime/ports.ts";
import type { Database } from "./database.ts";

/*
 * The same in both dialects. In one statement, so that of two processes that ask at once one waits for the other's row
 * and then sees that it is taken.
 */
const take = `
  INSERT INTO sweeps (name, slot, holder, taken_until) VALUES ($1, $2, $3, $4)
  ON CONFLICT (name) DO UPDATE SET slot = excluded.slot, holder = excluded.holder, taken_until = excluded.taken_until
  WHERE (sweeps.done_slot IS NULL OR sweeps.done_slot < excluded.slot OR sweeps.done_slot > excluded.slot + ${slotsAhead})
    AND (sweeps.taken_until IS NULL OR sweeps.taken_until <= $5 OR sweeps.taken_until > $6)
  RETURNING name`;

/** Asked after a refusal; by now somebody else may have done an older slot, which is no reason to rest. */
const isDone = `
  SELECT name FROM sweeps WHERE name = $1 AND done_slot >= $2 AND done_slot <= $3`;

const keep = "UPDATE sweeps SET taken_until = $1 WHERE name = $2 AND holder = $3 RETURNING name";

const done = `
  UPDATE sweeps SET done_slot = $1, holder = NULL, taken_until = NULL WHERE name = $2 AND holder = $3`;

/** The calendar in the table `sweeps`; not of the hot path, so on the lane beside it. */
export function createCalendar(database: Pick<Database, "lanes" | "transaction">): Calendar {
  const { transaction, lanes } = database;
  return {
    take: (sweep, slot, holder, now, until) =>
      transaction(async (writer) => {
        const values = [sweep, slot, holder, until, now, now + longestLeaseMs];
        if ((await writer.all(take, ...values)).length > 0) return "yours";
        const found = await writer.all(isDone, sweep, slot, slot + slotsAhead);
        return found.length > 0 ? "done" : "taken";
      }, lanes),
    keep: (sweep, holder, until) =>
      transaction(async (writer) => (await writer.all(keep, until, sweep, holder)).length > 0, lanes),
    done: (sweep, slot, holder) => transaction((writer) => writer.run(done, slot, sweep, holder), lanes),
  };
}
