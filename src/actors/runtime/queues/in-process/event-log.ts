import type { StreamReadRaw } from "bullmq";

interface Entry {
  sequence: number;
  fields: string[];
}

/**
 * The queue's stream of events. Nothing is kept before the first reader comes: a queue that nobody listens to
 * pays nothing for it.
 */
export class EventLog {
  #entries: Entry[] = [];
  #sequence = 0;
  #kept = false;
  readonly #sleepers = new Set<() => void>();

  /** Starts keeping events; answers with the position a new reader reads from. */
  listen(): string {
    this.#kept = true;
    return String(this.#sequence);
  }

  /** Appends one event; `facts` become its fields after `event`. */
  tell(event: string, facts: Record<string, string | number>, keep: number): string {
    if (!this.#kept) return String(this.#sequence);
    this.#sequence += 1;
    const fields = ["event", event];
    for (const [name, value] of Object.entries(facts)) fields.push(name, String(value));
    this.#entries.push({ sequence: this.#sequence, fields });
    if (this.#entries.length > 2 * keep) this.trim(keep);
    for (const wake of this.#sleepers) wake();
    this.#sleepers.clear();
    return String(this.#sequence);
  }

  /** Keeps only the newest events; answers with the number forgotten. */
  trim(keep: number): number {
    const excess = Math.max(this.#entries.length - keep, 0);
    this.#entries = this.#entries.slice(excess);
    return excess;
  }

  /** The events after a position, in the shape of XREAD, or null. */
  after(position: string): StreamReadRaw {
    const from = Number.parseInt(position, 10);
    const skipped = this.#entries.length - (this.#sequence - from);
    const entries = this.#entries.slice(Math.max(skipped, 0));
    if (entries.length === 0) return null;
    return [["events", entries.map(({ sequence, fields }) => [String(sequence), fields])]];
  }

  /** Calls back once, at the next event. Deleting the callback from the set forgets it. */
  get sleepers(): Set<() => void> {
    return this.#sleepers;
  }
}
