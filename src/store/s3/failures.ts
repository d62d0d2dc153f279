import { setTimeout as pause } from "node:timers/promises";
import { Retryable, Terminal } from "../../actors/runtime/errors.ts";

/** What the codes of a store's failures begin with: the engine's own documents, or deliveries to a firm. */
export type Purpose = "blobs" | "delivery";

/** These say that what arrived is not what was sent. */
const garbled = new Set(["BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody", "InvalidDigest"]);
const busy = new Set([408, 409, 425, 429]);
const absent = new Set(["NoSuchKey", "NotFound", "NoSuchUpload"]);

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;

const nameOf = (error: unknown): string => {
  const name = error instanceof Error ? error.name : "";
  return /^\w{1,64}$/.test(name) ? name : "unknown";
};

/** No such object; a missing bucket is another matter. */
export const isAbsent = (error: unknown): boolean => statusOf(error) === 404 && absent.has(nameOf(error));

/** Keeps name and status alone: a store's own words may quote the key and what was signed with it. */
function s3Failure(purpose: Purpose, error: unknown): Retryable | Terminal {
  if (error instanceof Retryable || error instanceof Terminal) return error;
  const status = statusOf(error);
  const name = nameOf(error);
  const { code } = error as { code?: unknown };
  const cause = new Error([name, status, typeof code === "string" ? code : ""].filter(Boolean).join(" "));
  return new Retryable(`${purpose}_${kindOf(name, status)}`, { cause });
}

function kindOf(name: string, status: number | undefined): "unreachable" | "refused" | "unconfirmed" {
  if (garbled.has(name)) return "unconfirmed";
  if (name === "RequestTimeout" || name === "SlowDown") return "unreachable";
  if (status === undefined || status >= 500 || status < 300 || busy.has(status)) return "unreachable";
  return "refused";
}

/** Tries again after each of these pauses what a moment may mend; a refusal stays one. */
export async function tried<T>(
  purpose: Purpose,
  pausesMs: readonly number[],
  work: () => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const failure = s3Failure(purpose, error);
      const pauseMs = pausesMs[tries];
      const isPassing = failure instanceof Retryable && failure.code !== `${purpose}_refused`;
      if (!isPassing || pauseMs === undefined) throw failure;
      await pause(pauseMs);
    }
  }
}

/** Aborts what shows no sign of life for so long. */
export async function patiently<T>(
  stallMs: number,
  work: (signal: AbortSignal, alive: () => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), stallMs);
  try {
    return await work(controller.signal, () => void timer.refresh());
  } finally {
    clearTimeout(timer);
  }
}
