import { randomUUID } from "node:crypto";
import { Agent, type IncomingMessage, request } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { setTimeout as pause } from "node:timers/promises";

/** A problem+json answer (RFC 9457): `code` is one of docs/errors.md. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly facts: Record<string, unknown>;

  constructor(status: number, code: string, facts: Record<string, unknown>) {
    super(`${status} ${code}`);
    this.name = "ApiProblem";
    this.status = status;
    this.code = code;
    this.facts = facts;
  }
}

/** One request: a `Uint8Array` is sent as a PDF unless `contentType` says what it is, any other body as JSON. */
export interface ApiRequest {
  method: "GET" | "POST" | "PUT" | "PATCH";
  path: string;
  /** An API key or a session. */
  bearer?: string;
  /** For whom a program acts, where a member is needed. */
  actingMember?: string;
  body?: object;
  contentType?: string;
  /** Chosen for every POST without one; the same on every try. */
  idempotencyKey?: string;
}

/** Requests over kept connections. Throws `ApiProblem` for what the engine refuses. */
export interface ApiClient {
  json<T>(request: ApiRequest): Promise<T>;
  bytes(request: ApiRequest): Promise<Buffer>;
  close(): void;
}

interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

const firstPauseMs = 100;
const longestPauseMs = 2_000;
const longestRetryAfterSeconds = 30;

/**
 * A client of the engine at `baseUrl`. A lost connection, 429 and 503 are tried again, `tries` times at most (12: some
 * 15 seconds), which the Idempotency-Key makes harmless.
 */
export function createApiClient(
  baseUrl: string,
  { tries = 12, connections = 64, timeoutMs = 30_000 } = {},
): ApiClient {
  const base = new URL(baseUrl);
  const secure = base.protocol === "https:";
  const options = { keepAlive: true, maxSockets: connections };
  const agent = secure ? new TlsAgent(options) : new Agent(options);
  const prefix = base.pathname.replace(/\/+$/, "");

  return {
    json: async <T>(wanted: ApiRequest) => JSON.parse((await insist(wanted)).toString()) as T,
    bytes: insist,
    close: () => agent.destroy(),
  };

  async function insist(wanted: ApiRequest): Promise<Buffer> {
    const idempotencyKey = wanted.idempotencyKey ?? randomUUID();
    for (let attempt = 1; ; attempt++) {
      const answer = await send({ ...wanted, idempotencyKey }).catch((error: Error) => error);
      if (!(answer instanceof Error) && answer.status < 300) return answer.body;
      const error = answer instanceof Error ? answer : problemOf(answer);
      if (attempt >= tries || !isWorthAnotherTry(error)) throw error;
      await pause(pauseMs(answer, attempt));
    }
  }

  function send(wanted: ApiRequest): Promise<Answer> {
    const { method, path, bearer, actingMember, body, idempotencyKey } = wanted;
    const isFile = body instanceof Uint8Array;
    const bytes = isFile ? body : body && Buffer.from(JSON.stringify(body));
    const contentType = isFile ? (wanted.contentType ?? "application/pdf") : "application/json";
    return new Promise((resolve, reject) => {
      const outgoing = (secure ? tlsRequest : request)(
        {
          agent,
          protocol: base.protocol,
          hostname: base.hostname.replace(/^\[(.*)\]$/, "$1"),
          port: base.port,
          method,
          path: `${prefix}${path}`,
          headers: {
            accept: "application/json, application/pdf, */*;q=0.1",
            ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
            ...(actingMember !== undefined && { "acting-member": actingMember }),
            ...(method !== "GET" && {
              "idempotency-key": idempotencyKey,
              "content-length": bytes?.length ?? 0,
            }),
            ...(bytes && { "content-type": contentType }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks),
            }),
          );
        },
      );
      outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error("the engine did not answer in time")));
      outgoing.on("error", reject);
      outgoing.end(bytes);
    });
  }
}

function problemOf({ status, body }: Answer): ApiProblem {
  let facts: Record<string, unknown> = {};
  try {
    facts = JSON.parse(body.toString());
  } catch {
    // Something before the engine answered, in words of its own.
  }
  const named =
    facts["code"] ??
    String(facts["type"] ?? "")
      .split(/[/#:]/)
      .at(-1);
  return new ApiProblem(status, String(named || "unknown"), facts);
}

function isWorthAnotherTry(error: Error): boolean {
  if (!(error instanceof ApiProblem)) return true;
  if (error.status === 503) return true;
  // What the law refused it refuses for good under the same Idempotency-Key.
  return error.status === 429 && !error.code.startsWith("otp_");
}

function pauseMs(answer: Answer | Error, attempt: number): number {
  const seconds = answer instanceof Error ? Number.NaN : Number(answer.headers["retry-after"]);
  if (seconds > 0) return Math.min(seconds, longestRetryAfterSeconds) * 1000;
  return Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs);
}
