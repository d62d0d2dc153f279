/** How much mail waits: counted now and then for all processes, and kept up by what this one does in between. */
export class MailGauge {
  readonly #limit: number;
  #mail = 0;

  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  counted(mail: number): void {
    this.#mail = mail;
  }

  moved({ park, drained }: { park: unknown[]; drained: unknown[] }): void {
    this.#mail += park.length - drained.length;
  }

  get isFull(): boolean {
    return this.#mail >= this.#limit;
  }
}
