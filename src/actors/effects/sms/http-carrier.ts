import { Retryable, Terminal } from "../../runtime/errors.ts";
import type { CarriedSms } from "../../runtime/ports.ts";
import type { Outgoing, OutgoingReply, OutgoingRequest } from "../outgoing.ts";
import { pauseIn } from "../retry-after.ts";
import { encodingOf } from "./alphabet.ts";
import type { Carrier } from "./carrier.ts";
import type { HttpDescription, Meaning } from "./http-description.ts";
import { type JsonValue, parsed, wordAt } from "./json.ts";

const maxReplyBytes = 64 * 1024;

/** A gateway whose call is described by the settings. Its failures are `sms_away` and `sms_refused`. */
export function createHttpCarrier(description: HttpDescription, outgoing: Outgoing): Carrier {
  const { name, knowsKeys } = description;
  return {
    name,
    knowsKeys,
    async submit(sms) {
      const reply = await sent(outgoing, requestOf(description, sms));
      const body = parsed(Buffer.from(reply.body).toString());
      const meaning = meaningOf(description, reply.status, body);
      if (meaning !== "accepted") throw failure(meaning, reply);
      const reference = description.reference && wordAt(body, description.reference);
      return { reference: reference || sms.idempotencyKey };
    },
    close: () => outgoing.close(),
  };
}

async function sent(outgoing: Outgoing, request: OutgoingRequest): Promise<OutgoingReply> {
  let isDoubtful = false;
  const onConnected = () => {
    isDoubtful = true;
  };
  try {
    return await outgoing.send({ ...request, onConnected });
  } catch (error) {
    // An address that is refused is a fault of the settings: it must not bury the SMS of a whole batch.
    if (error instanceof Terminal) throw new Retryable("sms_away", { cause: error });
    throw error instanceof Retryable ? new Retryable("sms_away", { cause: error, isDoubtful }) : error;
  }
}

function requestOf(description: HttpDescription, sms: CarriedSms): OutgoingRequest {
  const { url, method, content, encodings } = description;
  const words: Record<string, string> = {
    to: description.numbers === "digits" ? sms.to.replace("+", "") : sms.to,
    text: sms.text,
    reference: sms.idempotencyKey,
    from: description.from,
    encoding: encodings[encodingOf(sms.text)],
  };
  const headers = Object.fromEntries(
    Object.entries(description.headers).map(([name, value]) => [name, filled(value, words)]),
  ) as Record<string, string>;
  const body = filled(description.body, words);
  const request = { url, method, headers, maxReplyBytes };
  if (content === "query") return { ...request, url: withQuery(url, fieldsOf(body)) };
  const [type, text] =
    content === "json"
      ? ["application/json", JSON.stringify(body)]
      : ["application/x-www-form-urlencoded", fieldsOf(body).toString()];
  return { ...request, headers: { ...headers, "content-type": type }, body: Buffer.from(text) };
}

/** The template with its words, each once: what stands in a text is never taken for a template. */
function filled(template: JsonValue, words: Readonly<Record<string, string>>): JsonValue {
  if (typeof template === "string")
    return template.replace(/\{(to|text|reference|from|encoding)\}/g, (_, word: string) => words[word] ?? "");
  if (Array.isArray(template)) return template.map((one) => filled(one, words));
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, filled(value, words)]));
}

function fieldsOf(body: JsonValue): URLSearchParams {
  const fields = typeof body === "object" && body !== null ? Object.entries(body) : [];
  return new URLSearchParams(fields.map(([name, value]): [string, string] => [name, String(value)]));
}

function withQuery(url: string, fields: URLSearchParams): string {
  const whole = new URL(url);
  for (const [name, value] of fields) whole.searchParams.append(name, value);
  return whole.href;
}

function meaningOf({ answers }: HttpDescription, status: number, body: unknown): Meaning {
  const rule = answers.find((one) => {
    if (one.status && !one.status.includes(status)) return false;
    return one.at === undefined || (one.is ?? []).includes(wordAt(body, one.at) ?? "");
  });
  return rule?.means ?? usualMeaning(status);
}

/** A gateway that refuses us rather than the SMS, or asks for patience, did not take it; a server in trouble may have. */
function usualMeaning(status: number): Meaning {
  if (status >= 200 && status < 300) return "accepted";
  if (status === 408 || (status >= 500 && status !== 503)) return "doubtful";
  const mayChange = status < 400 || status === 503 || [401, 403, 407, 425, 429].includes(status);
  return mayChange ? "retry" : "refused";
}

function failure(meaning: Meaning, { status, headers }: OutgoingReply): Retryable | Terminal {
  const cause = new Error(`HTTP ${status}`);
  if (meaning === "refused") return new Terminal("sms_refused", { cause });
  const retryAfterMs = pauseIn(headers["retry-after"]);
  const isDoubtful = meaning === "doubtful";
  return new Retryable("sms_away", {
    cause,
    isDoubtful,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
