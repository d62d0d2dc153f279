/** A fault that the person at the keyboard can mend: its message says how. */
export class CliFault extends Error {
  readonly mend = true;

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "CliFault";
  }
}
