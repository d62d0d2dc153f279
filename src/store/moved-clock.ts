import type { MovedClock } from "../actors/runtime/ports.ts";
import type { Database } from "./database.ts";

const read = "SELECT ahead_ms AS ahead FROM moved_clock WHERE id = 1";

/** The same in both dialects; two that move it at once both count. */
const move = `
  INSERT INTO moved_clock (id, ahead_ms) VALUES (1, $1)
  ON CONFLICT (id) DO UPDATE SET ahead_ms = moved_clock.ahead_ms + excluded.ahead_ms
  RETURNING ahead_ms AS ahead`;

/** The clock of test mode in its table, for all processes. */
export function createMovedClock({
  reader,
  transaction,
  lanes,
}: Pick<Database, "reader" | "transaction" | "lanes">): MovedClock {
  return {
    async aheadMs() {
      const [row] = await reader.all<{ ahead: number }>(read);
      return Number(row?.ahead ?? 0);
    },
    advance: (ms) =>
      transaction(async (writer) => {
        const [row] = await writer.all<{ ahead: number }>(move, ms);
        return Number(row?.ahead ?? 0);
      }, lanes),
  };
}
