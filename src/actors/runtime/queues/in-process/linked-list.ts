/** What a value must carry to stand in one LinkedList at a time. */
export interface Linked<T> {
  previous: T | undefined;
  next: T | undefined;
}

/** A queue in which any element is added, taken or removed in constant time: the links are in the elements. */
export class LinkedList<T extends Linked<T>> {
  size = 0;
  #first: T | undefined;
  #last: T | undefined;

  get first(): T | undefined {
    return this.#first;
  }

  pushBack(element: T): void {
    element.previous = this.#last;
    element.next = undefined;
    if (this.#last) this.#last.next = element;
    else this.#first = element;
    this.#last = element;
    this.size += 1;
  }

  pushFront(element: T): void {
    element.previous = undefined;
    element.next = this.#first;
    if (this.#first) this.#first.previous = element;
    else this.#last = element;
    this.#first = element;
    this.size += 1;
  }

  /** Removes an element, which must be in this list. */
  remove(element: T): void {
    if (element.previous) element.previous.next = element.next;
    else this.#first = element.next;
    if (element.next) element.next.previous = element.previous;
    else this.#last = element.previous;
    element.previous = undefined;
    element.next = undefined;
    this.size -= 1;
  }

  /** Elements `from` to `to` (included, from 0), counted from the back when `backwards`. */
  slice(from: number, to: number, backwards: boolean): T[] {
    const slice: T[] = [];
    let element = backwards ? this.#last : this.#first;
    for (let index = 0; element && index <= to; index += 1) {
      if (index >= from) slice.push(element);
      element = backwards ? element.previous : element.next;
    }
    return slice;
  }

  /** Goes from first to last; the element just given may be removed meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    let element = this.#first;
    while (element) {
      const { next } = element;
      yield element;
      element = next;
    }
  }
}
