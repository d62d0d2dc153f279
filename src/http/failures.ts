import type { ErrorRequestHandler, Request } from "express";
import { KeyReused, Overloaded, Retryable } from "../actors/runtime/errors.ts";
import type { Log } from "../actors/runtime/ports.ts";
import { Problem, sendProblem } from "./problem.ts";
import { isProblemCode, type ProblemCode } from "./problems.ts";

/** Codes of the JSON reader (body-parser) and what we call them. */
const bodyFaults: Readonly<Record<string, ProblemCode>> = {
  "entity.parse.failed": "malformed_json",
  "entity.verify.failed": "malformed_json",
  "entity.too.large": "body_too_large",
  "encoding.unsupported": "unsupported_media_type",
  "charset.unsupported": "unsupported_media_type",
  "request.size.invalid": "upload_incomplete",
  "request.aborted": "upload_incomplete",
};

/** Codes of the database and of the file system that say: not now. Others would be faults of ours. */
const storeFaults: ReadonlySet<string> = new Set([
  ...["SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN"],
  ...["SQLITE_NOMEM", "SQLITE_CORRUPT", "SQLITE_NOTADB"],
  ...["ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE"],
]);

/** The store is away, or what keeps the documents. */
const awayCodes: ReadonlySet<string> = new Set([
  ...["store_unavailable", "blobs_unreachable", "blobs_refused", "blobs_unconfirmed"],
  ...["disk_full", "file_inaccessible", "document_leaving"],
]);

/** The last middleware: whatever was thrown becomes one problem; what nobody foresaw is logged and says nothing. */
export function answerFailures(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const problem = explained(log, error, request);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendProblem(response, problem);
  };
}

/** What to tell the caller of anything that was thrown; what the caller can't mend is logged. */
export function explained(log: Log, error: unknown, request: Request): Problem {
  const problem = problemOf(error);
  if (problem.code === "internal" || problem.code === "store_unavailable")
    log.error(factsOf(error, request), "a request failed");
  return problem;
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Overloaded) {
    return new Problem("overloaded", { facts: { retryAfterSeconds: error.retryAfterSeconds } });
  }
  if (error instanceof KeyReused) return new Problem("idempotency_key_reused");
  if (error instanceof URIError) return new Problem("not_found");
  if (error instanceof Retryable && awayCodes.has(error.code)) return storeProblem(error.retryAfterMs, error);
  if (storeFaults.has(deepCodeOf(error))) return storeProblem(undefined, error);
  if (typeof error !== "object" || error === null) return new Problem("internal", { cause: error });
  if ("type" in error && typeof error.type === "string") {
    const code = bodyFaults[error.type];
    if (code) return new Problem(code, { cause: error });
  }
  return new Problem("internal", { cause: error });
}

function storeProblem(retryAfterMs = 5_000, cause?: unknown): Problem {
  return new Problem("store_unavailable", {
    facts: { retryAfterSeconds: Math.ceil(retryAfterMs / 1_000) },
    cause,
  });
}

/** The code of an error, or of that which a library wrapped. */
function deepCodeOf(error: unknown): string {
  let inner = error;
  for (let depth = 0; depth < 4 && inner instanceof Error; depth++) {
    if ("code" in inner && typeof inner.code === "string") return inner.code;
    // Sequelize says `original`.
    inner = "original" in inner ? inner.original : inner.cause;
  }
  return "";
}

/** The kind and place of a failure. Never its message: a driver's message may quote a person's data. */
function factsOf(error: unknown, request: Request): Record<string, unknown> {
  const route: unknown = request.route?.path;
  const facts = { method: request.method, route: typeof route === "string" ? route : "none" };
  // A `Retryable` only says that the store is away; its cause says why.
  const cause = error instanceof Problem || error instanceof Retryable ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return { ...facts, error: typeof cause };
  const code = deepCodeOf(cause);
  return { ...facts, error: cause.name, ...(code && { code }), frames: framesOf(cause) };
}

function framesOf(error: Error): string[] {
  return (error.stack ?? "")
    .split("\n")
    .filter((line) => line.startsWith("    at "))
    .slice(0, 12);
}

/** A refusal's code as a problem; a code that the table doesn't know is a fault of ours. */
export function refusalProblem(code: string, facts: Record<string, number>): Problem {
  return isProblemCode(code)
    ? new Problem(code, { facts })
    : new Problem("internal", { cause: new Error(`no problem is listed for ${code}`) });
}
