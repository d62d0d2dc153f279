import { LinkedList } from "./linked-list.ts";
import { RankHeap } from "./rank-heap.ts";
import type { Lane, StoredJob } from "./stored-job.ts";

/** Where a job enters its lane: behind the others, or before its equals. */
export type End = "front" | "back";

/** Every job of a queue stands in exactly one lane; entering and leaving cost O(1), or O(log n) in the sorted two. */
export class Lanes {
  readonly waiting = new LinkedList<StoredJob>();
  readonly active = new LinkedList<StoredJob>();
  readonly completed = new LinkedList<StoredJob>();
  readonly failed = new LinkedList<StoredJob>();
  readonly prioritized = new RankHeap<StoredJob>();
  readonly delayed = new RankHeap<StoredJob>();
  #sequence = 0;

  /** Puts a job, which is in no lane, into one; `rank` is the priority, or the due time in ms. */
  enter(job: StoredJob, lane: Lane, end: End = "back", rank = 0): void {
    job.lane = lane;
    if (lane === "prioritized" || lane === "delayed") {
      this.#sequence += 1;
      job.rank = rank;
      job.sequence = end === "front" ? -this.#sequence : this.#sequence;
      this[lane].push(job);
    } else if (end === "front") {
      this[lane].pushFront(job);
    } else {
      this[lane].pushBack(job);
    }
  }

  leave(job: StoredJob): void {
    if (job.lane) this[job.lane].remove(job);
    job.lane = undefined;
  }

  /** The job to run next, if any waits. */
  get next(): StoredJob | undefined {
    return this.waiting.first ?? this.prioritized.first;
  }

  /**
   * Jobs `start` to `end` (negative: from the end) of a lane. Ascending is first in, or first due, first; but
   * for `waiting` and `active` BullMQ's getters expect an ascending page turned round, as Redis lists give it.
   */
  range(lane: Lane, start: number, end: number, ascending: boolean): StoredJob[] {
    const { size } = this[lane];
    const from = Math.max(start < 0 ? size + start : start, 0);
    const to = Math.min(end < 0 ? size + end : end, size - 1);
    if (from > to) return [];
    if (lane === "prioritized" || lane === "delayed") {
      const sorted = this[lane].sorted();
      return (ascending ? sorted : sorted.reverse()).slice(from, to + 1);
    }
    const page = this[lane].slice(from, to, !ascending);
    return ascending && (lane === "waiting" || lane === "active") ? page.reverse() : page;
  }
}
