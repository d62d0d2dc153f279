/** A window of time in which a queue may start a number of jobs. */
export class RateLimit {
  #started = 0;
  #endsAt = 0;

  /** Counts a started job; the first of a window opens it. */
  count(windowMs: number, now: number): void {
    if (this.#endsAt <= now) this.#started = 0;
    this.#started += 1;
    if (this.#started === 1) this.#endsAt = now + Math.floor(Math.abs(windowMs));
  }

  /** ms to wait before another job may start under `max`; 0 when one may. */
  waitMs(max: number | undefined, now: number): number {
    if (!max || max > this.#started) return 0;
    return Math.max(this.#endsAt - now, 0);
  }

  /** ms left of the window, or -2 when there is none, as Redis says. */
  leftMs(now: number): number {
    return this.#endsAt > now ? this.#endsAt - now : -2;
  }

  /** Closes the queue to limited workers for a time. */
  close(windowMs: number, now: number): void {
    this.#started = Number.MAX_SAFE_INTEGER;
    this.#endsAt = now + windowMs;
  }

  /** Forgets the window; answers with the number forgotten. */
  clear(): number {
    const forgotten = this.#endsAt > Date.now() ? 1 : 0;
    this.#started = 0;
    this.#endsAt = 0;
    return forgotten;
  }
}
