import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createInbox } from "./inbox.ts";
import { keep } from "./keep.ts";

/** An SMS as the phone shows it. */
export interface ReceivedSms {
  id: string;
  /** E.164. */
  to: string;
  text: string;
  idempotencyKey: string;
}

/**
 * A phone network in a process. What `next` has handed out is forgotten; of all SMS only the idempotency keys
 * are kept (some 150 bytes each).
 */
export interface SmsSink {
  port: number;
  /** For the engine's settings: where to POST. */
  url: string;
  /** The oldest SMS for the phone that satisfies `wanted`, each once; rejects after `timeoutMs` (30 s). */
  next(phone: string, wanted?: (sms: ReceivedSms) => boolean, timeoutMs?: number): Promise<ReceivedSms>;
  /** Deliveries so far, doubles not counted. */
  count(): number;
  /** Requests whose Idempotency-Key was known already: answered as before, not delivered again. */
  doubles(): number;
  close(): Promise<void>;
}

const maxRequestBytes = 64 * 1024;

/**
 * The local SMS gateway: speaks the wire format of `createHttpSmsGateway` on 127.0.0.1, and answers 201 `{id}`, the
 * same for the same Idempotency-Key. With `directory`, each SMS is also kept as a .json file.
 */
export async function startSmsSink({
  port = 0,
  directory,
}: {
  port?: number;
  directory?: string;
} = {}): Promise<SmsSink> {
  if (directory !== undefined) await mkdir(directory, { recursive: true });
  const inbox = createInbox<ReceivedSms>("SMS");
  const known = new Set<string>();
  let doubles = 0;

  const server = createServer((request, response) => {
    answer(request).then(
      ({ status, body }) => reply(response, status, body),
      () => reply(response, 400, { error: "bad_request" }),
    );
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address() as AddressInfo;

  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}/`,
    next: (phone, wanted = () => true, timeoutMs = 30_000) => inbox.next(phone, wanted, timeoutMs),
    count: () => known.size,
    doubles: () => doubles,
    close() {
      inbox.close();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };

  async function answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    if (request.method !== "POST") return { status: 405, body: { error: "method_not_allowed" } };
    const sms = await read(request);
    if (!sms) return { status: 400, body: { error: "bad_request" } };
    if (known.has(sms.idempotencyKey)) {
      doubles += 1;
      return { status: 201, body: { id: sms.id } };
    }
    known.add(sms.idempotencyKey);
    if (directory !== undefined) await keep(directory, "json", JSON.stringify(sms));
    inbox.put(sms.to, sms);
    return { status: 201, body: { id: sms.id } };
  }
}

async function read(request: IncomingMessage): Promise<ReceivedSms | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxRequestBytes) return undefined;
    chunks.push(chunk);
  }
  const { to, text } = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
  const idempotencyKey = request.headers["idempotency-key"];
  if (typeof to !== "string" || typeof text !== "string" || typeof idempotencyKey !== "string")
    return undefined;
  // The id is made of the key, so that the same key gets the same id and only keys are remembered.
  const id = `sms_${createHash("sha256").update(idempotencyKey).digest("hex").slice(0, 24)}`;
  return { id, to, text, idempotencyKey };
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
