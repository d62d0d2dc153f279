import { Retryable, Terminal } from "../runtime/errors.ts";
import type { CarriedSms } from "../runtime/ports.ts";
import { pauseIn } from "./retry-after.ts";

/** Failures of before anything was sent. */
const neverConnected: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const maxReplyBytes = 64 * 1024;

/**
 * The generic HTTP gateway, whose wire format is this:
 *
 *     POST {url}
 *     Content-Type: application/json
 *     Idempotency-Key: {key}
 *     {headers of the settings, such as Authorization}
 *
 *     {"to": "+33639980000", "text": "…", "idempotencyKey": "{key}"}
 *
 * Any 2xx says that the SMS is the gateway's own to deliver; its reply may be `{"id": "…"}`, the reference kept on
 * the record. A key that the gateway has seen must get the first answer again and no second SMS. 429 and 5xx, with
 * `Retry-After` or without, ask for another try (`sms_away`), and so does a gateway that refuses us rather than the
 * SMS (401, 403, 407, 408, 425, redirects); every other 4xx refuses this SMS for ever (`sms_refused`). A broken
 * connection, a 408 and a 5xx but 503 are doubtful: the gateway may have taken the SMS all the same.
 */
export function createHttpSmsGateway({
  url,
  headers = {},
  timeoutMs = 10_000,
}: {
  url: string;
  headers?: Record<string, string>;
  timeoutMs?: number;
}): { send(sms: CarriedSms): Promise<{ reference: string }> } {
  return {
    async send({ to, text, idempotencyKey }) {
      const response = await post({
        method: "POST",
        headers: { ...headers, "content-type": "application/json", "idempotency-key": idempotencyKey },
        body: JSON.stringify({ to, text, idempotencyKey }),
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.ok) return { reference: (await idIn(response)) ?? idempotencyKey };
      await response.body?.cancel();
      throw failure(response);
    },
  };

  async function post(request: RequestInit): Promise<Response> {
    try {
      return await fetch(url, request);
    } catch (error) {
      throw noAnswer(error);
    }
  }
}

/** Undefined when the reply is not the JSON hoped for: the SMS was accepted all the same, so nothing is thrown. */
async function idIn(response: Response): Promise<string | undefined> {
  try {
    const reply: unknown = JSON.parse(await shortText(response));
    const id = reply && typeof reply === "object" && "id" in reply ? reply.id : undefined;
    return typeof id === "string" || typeof id === "number" ? String(id).slice(0, 200) : undefined;
  } catch {
    return undefined;
  }
}

async function shortText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxReplyBytes) throw new Error("the reply is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function failure({ status, headers }: Response): Retryable | Terminal {
  const cause = new Error(`HTTP ${status}`);
  const mayChange = status < 400 || status >= 500 || [401, 403, 407, 408, 425, 429].includes(status);
  if (!mayChange) return new Terminal("sms_refused", { cause });
  const retryAfterMs = pauseIn(headers.get("retry-after"));
  const isDoubtful = status === 408 || (status >= 500 && status !== 503);
  return new Retryable("sms_away", {
    cause,
    isDoubtful,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** Keeps the code alone (`ECONNREFUSED`, `TimeoutError`): messages may hold what was sent. */
function noAnswer(error: unknown): Retryable {
  const { name, cause } = error as { name?: string; cause?: { code?: string } };
  const code = cause?.code ?? name ?? "unknown";
  return new Retryable("sms_away", { cause: new Error(code), isDoubtful: !neverConnected.has(code) });
}
