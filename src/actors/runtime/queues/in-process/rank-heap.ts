/** What a value must carry to stand in one RankHeap at a time; `slot` is -1 outside. */
export interface Ranked {
  rank: number;
  sequence: number;
  slot: number;
}

function before(a: Ranked, b: Ranked): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.sequence < b.sequence);
}

/** A binary heap, lowest rank then lowest sequence first, from which any element is removed in O(log n). */
export class RankHeap<T extends Ranked> {
  readonly #elements: T[] = [];

  get size(): number {
    return this.#elements.length;
  }

  get first(): T | undefined {
    return this.#elements[0];
  }

  push(element: T): void {
    this.#elements.push(element);
    this.#rise(element, this.#elements.length - 1);
  }

  /** Removes an element, which must be in this heap. */
  remove(element: T): void {
    const { slot } = element;
    element.slot = -1;
    const last = this.#elements.pop();
    if (!last || last === element) return;
    this.#rise(last, slot);
    this.#sink(last, last.slot);
  }

  /** All elements, first to last: O(n log n), for whoever looks at the queue. */
  sorted(): T[] {
    return [...this.#elements].sort((a, b) => (before(a, b) ? -1 : 1));
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#elements.values();
  }

  #put(element: T, slot: number): void {
    this.#elements[slot] = element;
    element.slot = slot;
  }

  #rise(element: T, from: number): void {
    let slot = from;
    while (slot > 0) {
      const parentSlot = (slot - 1) >> 1;
      const parent = this.#elements[parentSlot];
      if (!parent || !before(element, parent)) break;
      this.#put(parent, slot);
      slot = parentSlot;
    }
    this.#put(element, slot);
  }

  #sink(element: T, from: number): void {
    let slot = from;
    for (;;) {
      const left = this.#elements[2 * slot + 1];
      const right = this.#elements[2 * slot + 2];
      const child = left && right && before(right, left) ? right : left;
      if (!child || !before(child, element)) break;
      const childSlot = child.slot;
      this.#put(child, slot);
      slot = childSlot;
    }
    this.#put(element, slot);
  }
}
