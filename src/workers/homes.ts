const mostKept = 1_000;

/** Which thread made or read which large document last, by its SHA-256: that one need not read it again. */
export class Homes {
  readonly #threads = new Map<string, number>();

  find(sha256: string | undefined): number | undefined {
    return sha256 === undefined ? undefined : this.#threads.get(sha256);
  }

  set(sha256: string, thread: number): void {
    this.#threads.delete(sha256);
    this.#threads.set(sha256, thread);
    for (const oldest of this.#threads.keys()) {
      if (this.#threads.size <= mostKept) break;
      this.#threads.delete(oldest);
    }
  }
}
