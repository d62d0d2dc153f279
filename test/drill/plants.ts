import type {
  Changes,
  EventRow,
  Journal,
  JournalTransaction,
  Reads,
} from "../../src/actors/runtime/ports.ts";
import type { Around } from "../../src/around.ts";

/** Lies that a judge who deserves the name must see. */
export const plants = ["lost", "doubled", "reordered"] as const;

export type Plant = (typeof plants)[number];

class NeverCommitted<T> extends Error {
  readonly result: T;

  constructor(result: T) {
    super("the transaction is rolled back, and acknowledged all the same");
    this.result = result;
  }
}

/** An engine that lies, about the first launch that it meets. */
export function lying(plant: Plant | undefined): Around {
  return (name, port) => {
    if (plant === "lost" && name === "journal") return forgetful(port as unknown as Journal) as typeof port;
    if (plant === "doubled" && name === "journal")
      return stammering(port as unknown as Journal) as typeof port;
    if (plant === "reordered" && name === "reads") return confused(port as unknown as Reads) as typeof port;
    return port;
  };
}

/** Acknowledges once what it has not committed. */
function forgetful(journal: Journal): Journal & object {
  let hasLied = false;
  return {
    ...journal,
    async transaction(work, lane) {
      try {
        return await journal.transaction(async (tx) => {
          let isLaunch = false;
          const result = await work({
            ...tx,
            write: (changes) => {
              isLaunch = launchIn(changes) !== undefined;
              return tx.write(changes);
            },
          });
          if (!isLaunch || hasLied) return result;
          hasLied = true;
          throw new NeverCommitted(result);
        }, lane);
      } catch (error) {
        if (error instanceof NeverCommitted) return error.result;
        throw error;
      }
    },
  };
}

/** Writes a launch down twice. */
function stammering(journal: Journal): Journal & object {
  let hasLied = false;
  const twice = (changes: Changes): Changes => {
    const launch = launchIn(changes);
    if (!launch || hasLied) return changes;
    hasLied = true;
    return { ...changes, events: [...changes.events, { ...launch, n: launch.n + 100 }] };
  };
  const stammer = (tx: JournalTransaction) => ({
    ...tx,
    write: (changes: Changes) => tx.write(twice(changes)),
  });
  return {
    ...journal,
    transaction: (work, lane) => journal.transaction((tx) => work(stammer(tx)), lane),
  };
}

/** Shows a record in which the launch came before the making. */
function confused(reads: Reads): Reads & object {
  return {
    ...reads,
    async history(firmId, id) {
      const [first, second, ...rest] = await reads.history(firmId, id);
      return first && second?.type === "CollecteLaunched"
        ? [second, first, ...rest]
        : [first, second, ...rest].filter((event) => event !== undefined);
    },
  };
}

function launchIn({ events }: Changes): EventRow | undefined {
  return events.find(({ type }) => type === "CollecteLaunched");
}
