/** A map that can take back what was done to it since the last `commit`. */
export class UndoTable<V> {
  readonly #rows = new Map<string, V>();
  readonly #undo: (() => void)[] = [];

  get(key: string): V | undefined {
    return this.#rows.get(key);
  }

  has(key: string): boolean {
    return this.#rows.has(key);
  }

  /** In no order that means anything: a row that was taken back comes last. */
  values(): V[] {
    return [...this.#rows.values()];
  }

  set(key: string, row: V): void {
    this.#remember(key);
    this.#rows.set(key, row);
  }

  delete(key: string): void {
    this.#remember(key);
    this.#rows.delete(key);
  }

  commit(): void {
    this.#undo.length = 0;
  }

  rollback(): void {
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) undo();
  }

  #remember(key: string): void {
    const before = this.#rows.get(key);
    this.#undo.push(() =>
      before === undefined ? void this.#rows.delete(key) : void this.#rows.set(key, before),
    );
  }
}
