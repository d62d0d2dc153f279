const minuteMs = 60_000;

/** How many jobs ended, minute by minute, newest first: the counts of BullMQ's `collectMetrics` script. */
export class Metrics {
  #count = 0;
  #previousCount = 0;
  #previousAt: number | undefined;
  #points: number[] = [];

  record(maxPoints: number, now: number): void {
    const countBefore = this.#count;
    this.#count += 1;
    if (this.#previousAt === undefined) {
      this.#previousAt = now;
      return;
    }
    const minutes = Math.min(Math.floor(now / minuteMs) - Math.floor(this.#previousAt / minuteMs), maxPoints);
    if (minutes <= 0) return;
    const gap = new Array<number>(minutes - 1).fill(0);
    this.#points = [...gap, countBefore - this.#previousCount, ...this.#points].slice(0, maxPoints);
    this.#previousCount = countBefore;
    this.#previousAt = now;
  }

  /** `[[count, prevTS, prevCount], points, number of points]`, as the Redis backend answers. */
  read(start: number, end: number): [string[], string[], number] {
    const stop = end < 0 ? this.#points.length + end + 1 : end + 1;
    return [
      [String(this.#count), String(this.#previousAt ?? 0), String(this.#previousCount)],
      this.#points.slice(start, stop).map(String),
      this.#points.length,
    ];
  }
}
