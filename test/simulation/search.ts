import { type History, play } from "./history.ts";
import type { Plant } from "./plants.ts";

export interface Search {
  first: number;
  seeds: number;
  plant?: () => Plant;
  /** Told after each seed. */
  onHistory?(history: History): void;
}

/** Plays one seed after the other, up to the first that breaks a law. */
export async function firstFailure({ first, seeds, plant, onHistory }: Search): Promise<History | undefined> {
  for (let seed = first; seed < first + seeds; seed++) {
    const history = await play(plant ? { seed, plant: plant() } : { seed });
    onHistory?.(history);
    if (history.violation) return history;
    // Between two histories the rest of the process has its turn.
    await new Promise(setImmediate);
  }
  return undefined;
}

/**
 * The same failure with fewer faults: each is left out in turn, from the last to the first, and stays out when the
 * same law is broken without it.
 */
export async function smaller(failure: History, plant?: () => Plant): Promise<History> {
  let least = failure;
  const spared = new Set<number>();
  for (const { index } of [...failure.faults].reverse()) {
    spared.add(index);
    const { seed } = failure;
    const tried = await play(plant ? { seed, spared, plant: plant() } : { seed, spared });
    const isSame = tried.violation?.rule === failure.violation?.rule;
    if (isSame && tried.faults.length < least.faults.length) least = tried;
    else spared.delete(index);
  }
  return least;
}

/** The lines of a trace that tell what went wrong: all that names what the violation names, and the faults. */
export function essence({ trace, violation }: History, most = 60): string[] {
  const actor = /col-\d+/.exec(violation?.detail ?? "")?.[0];
  const lines = trace.filter(
    (line) =>
      actor === undefined || line.includes(actor) || (line.startsWith("  ") && !line.includes("col-")),
  );
  return lines.slice(-most);
}
