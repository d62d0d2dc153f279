import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { Retryable, Terminal } from "../runtime/errors.ts";
import { allowedUrl, createGuard, type GuardOptions } from "./guard.ts";

/** One request to a place that a firm, a certificate or a setting names. */
export interface OutgoingRequest {
  url: string;
  method: "GET" | "POST" | "PUT";
  headers?: Record<string, string>;
  body?: Uint8Array;
  maxReplyBytes: number;
  /** CRLs and OCSP answers are signed, and published over http: it is allowed for them. */
  mayBePlain?: boolean;
  /** Called when a connection is there: from now on a failure does not say that nothing arrived. */
  onConnected?: () => void;
}

export interface OutgoingReply {
  status: number;
  headers: IncomingHttpHeaders;
  body: Uint8Array;
}

/**
 * The one way out to addresses that others choose. Throws `Terminal` `outgoing_url_refused` or
 * `outgoing_address_refused`; `Retryable` `outgoing_unreachable`, `outgoing_timeout` or `outgoing_reply_too_large`.
 * Any status is an answer, redirects too: they are not followed.
 */
export interface Outgoing {
  send(request: OutgoingRequest): Promise<OutgoingReply>;
  /** Closes kept connections; twice is fine. */
  close(): void;
}

/** `timeoutMs`, for the whole of a request, is for tests. */
export interface OutgoingOptions extends GuardOptions {
  /** Off: a connection that was kept and had died leaves open whether a request arrived. */
  keepsConnections?: boolean;
  timeoutMs?: number;
}

const mostSockets = 256;

/** Connects to nothing that its guard has not judged. */
export function createOutgoing(options: OutgoingOptions): Outgoing {
  const { mayLoop, isTrusted = false, keepsConnections = true, timeoutMs = 10_000 } = options;
  const agentOptions = { keepAlive: keepsConnections, maxSockets: mostSockets, maxFreeSockets: 8 };
  const agents = { "http:": new HttpAgent(agentOptions), "https:": new HttpsAgent(agentOptions) };

  const guard = createGuard(options);
  const mayLeave = ({ protocol }: URL, mayBePlain = false) => protocol === "https:" || mayBePlain;

  function start(url: URL, asked: OutgoingRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const isPlain = url.protocol === "http:";
    return new Promise((answered, failed) => {
      const { method, headers = {}, body, mayBePlain = false } = asked;
      const lengths = body === undefined ? {} : { "content-length": String(body.length) };
      const sent = {
        method,
        headers: { ...headers, ...lengths },
        signal,
        lookup: guard.lookup(mayLeave(url, mayBePlain)),
      };
      const request = isPlain
        ? httpRequest(url, { ...sent, agent: agents["http:"] })
        : httpsRequest(url, { ...sent, agent: agents["https:"] });
      const { onConnected } = asked;
      if (onConnected)
        request.once("socket", (socket) => {
          if (request.reusedSocket) onConnected();
          else socket.once(isPlain ? "connect" : "secureConnect", onConnected);
        });
      request.on("response", answered).on("error", failed).end(body);
    });
  }

  return {
    async send(asked) {
      const url = allowedUrl(asked.url, asked.mayBePlain === true || mayLoop || isTrusted);
      guard.judge(url.hostname, mayLeave(url, asked.mayBePlain));
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const response = await start(url, asked, signal);
        const body = await readBody(response, asked.maxReplyBytes);
        return { status: response.statusCode ?? 0, headers: response.headers, body };
      } catch (error) {
        throw signal.aborted ? new Retryable("outgoing_timeout") : failure(error);
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

async function readBody(response: IncomingMessage, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    // Leaving the loop destroys the connection: nobody reads the rest.
    if (bytes > most) throw new Retryable("outgoing_reply_too_large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Keeps the code alone: messages may hold what was sent. */
function failure(error: unknown): Retryable | Terminal {
  if (error instanceof Retryable || error instanceof Terminal) return error;
  const { name, code } = error as { name?: string; code?: string };
  return new Retryable("outgoing_unreachable", { cause: new Error(code ?? name ?? "unknown") });
}
