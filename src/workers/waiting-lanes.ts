/** After so many groups that went before it, a piece of upkeep that waits has its turn. */
const mostBefore = 32;

/**
 * Work that waits for a thread, in order of arrival: that for which somebody waits, and upkeep, which is taken up when
 * there is none of the first, one piece at a time, so that no thread is away for long when something comes. That it is not
 * forgotten while there always is some, it has every thirty-third turn.
 */
export class WaitingLanes<T extends { small: boolean }> {
  readonly #pressing: T[] = [];
  readonly #upkeep: T[] = [];
  #before = 0;

  push(one: T, isUpkeep: boolean): void {
    (isUpkeep ? this.#upkeep : this.#pressing).push(one);
  }

  /** What the next group begins with. */
  first(): T | undefined {
    return this.#isUpkeepsTurn() ? this.#upkeep[0] : this.#pressing[0];
  }

  /**
   * At most `together`, and not more than a fair share for each of the free threads. A large document goes alone, for its
   * neighbours would wait for it.
   */
  next(together: number, freeThreads: number): T[] {
    if (this.#isUpkeepsTurn()) {
      this.#before = 0;
      return this.#upkeep.splice(0, 1);
    }
    if (this.#upkeep.length > 0) this.#before++;
    const most = Math.min(together, Math.ceil(this.#pressing.length / freeThreads));
    const firstLarge = this.#pressing.slice(0, most).findIndex(({ small }) => !small);
    return this.#pressing.splice(0, firstLarge === -1 ? most : Math.max(1, firstLarge));
  }

  #isUpkeepsTurn(): boolean {
    return this.#upkeep.length > 0 && (this.#pressing.length === 0 || this.#before >= mostBefore);
  }
}
