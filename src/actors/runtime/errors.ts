/**
 * A failure that another try may mend: a server away, a lease lost. `code` is stable and listed in docs/errors.md;
 * `facts` never hold a code, a key, a phone number or an address.
 */
export class Retryable extends Error {
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  /** Nobody can tell whether the act has happened: another try may double it. */
  readonly isDoubtful: boolean;

  constructor(
    code: string,
    options: { cause?: unknown; retryAfterMs?: number; message?: string; isDoubtful?: boolean } = {},
  ) {
    super(options.message ?? code, { cause: options.cause });
    this.name = "Retryable";
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.isDoubtful = options.isDoubtful ?? false;
  }
}

/** A signature waits for others, and is visible as such: for a timestamp, or for what authorities say. */
export class Awaiting extends Retryable {
  readonly pending: "timestamp_pending" | "evidence_pending";

  constructor(pending: Awaiting["pending"], failure: Retryable) {
    const { code, cause, retryAfterMs } = failure;
    super(code, { cause, ...(retryAfterMs !== undefined && { retryAfterMs }) });
    this.name = "Awaiting";
    this.pending = pending;
  }
}

/** A failure that no other try will mend: a refused address, an unsignable document. */
export class Terminal extends Error {
  readonly code: string;

  constructor(code: string, options: { cause?: unknown; message?: string } = {}) {
    super(options.message ?? code, { cause: options.cause });
    this.name = "Terminal";
    this.code = code;
  }
}

/** A failure that may be the machine's or the work's: a few tries in all tell which. */
export class Unexplained extends Error {
  readonly code: string;

  constructor(code: string, options: { cause?: unknown } = {}) {
    super(code, options);
    this.name = "Unexplained";
    this.code = code;
  }
}

/** The engine has as much work as it may hold: come back after `retryAfterSeconds`. */
export class Overloaded extends Error {
  readonly code = "overloaded";
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super("too much work is waiting");
    this.name = "Overloaded";
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The same Idempotency-Key came with another request. */
export class KeyReused extends Error {
  readonly code = "idempotency_key_reused";

  constructor() {
    super("this idempotency key was used for another request");
    this.name = "KeyReused";
  }
}

/** Another writer was faster: nothing was written; read again and decide again. */
export class VersionConflict extends Error {
  readonly code = "version_conflict";

  constructor(message = "another writer moved this actor", options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "VersionConflict";
  }
}

/** The stable code of anything that was thrown; what does not look like a code may be a sentence about somebody. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^\w{1,64}$/.test(code) ? code : "unexpected";
}
