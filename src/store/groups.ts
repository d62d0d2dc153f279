import type { Connection, Database } from "./database.ts";

interface Turn {
  run(writer: Connection): Promise<void>;
  done(): void;
  fail(error: unknown): void;
}

/**
 * Runs works on the lane beside the journal's. Those that are asked for while a transaction runs share the next one, in
 * their order, and its fsync; a failure is theirs together, since none of them is written.
 */
export function inGroups(
  database: Pick<Database, "lanes" | "transaction">,
): <T>(work: (writer: Connection) => Promise<T>) => Promise<T> {
  let waiting: Turn[] = [];
  let isRunning = false;

  async function run(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        await database.transaction(async (writer) => {
          for (const turn of group) await turn.run(writer);
        }, database.lanes);
        for (const turn of group) turn.done();
      } catch (error) {
        for (const turn of group) turn.fail(error);
      }
    }
    isRunning = false;
  }

  return (work) =>
    new Promise((resolve, reject) => {
      let answer: Awaited<ReturnType<typeof work>>;
      waiting.push({
        async run(writer) {
          answer = await work(writer);
        },
        done: () => resolve(answer),
        fail: reject,
      });
      if (!isRunning) run().catch(reject);
    });
}
