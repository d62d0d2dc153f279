import { connect, type Socket } from "node:net";

/** One request, written out before the clock starts, so that the client costs as little as it can. */
export interface Prepared {
  bytes: Buffer;
}

export interface Load {
  seconds: number;
  /** Milliseconds of each answer. */
  waits: number[];
  /** Bodies of the answers, in the order of the requests. */
  bodies: string[];
}

/** An HTTP/1.1 request on a connection that is kept. */
export function prepare(
  url: string,
  method: "GET" | "POST",
  path: string,
  headers: Record<string, string>,
  body: string | Uint8Array = "",
): Prepared {
  const bytes = Buffer.from(body);
  const lines = Object.entries({ host: new URL(url).host, ...headers, "content-length": bytes.length });
  const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join("\r\n")}\r\n\r\n`;
  return { bytes: Buffer.concat([Buffer.from(head), bytes]) };
}

/**
 * Sends each request once, `connections` at a time, each connection one after the other. Throws at the first answer
 * whose status isn't one of `expected`: a bench that counts errors as work is worth nothing.
 */
export async function drive(
  url: string,
  requests: readonly Prepared[],
  connections: number,
  expected: readonly number[],
): Promise<Load> {
  const waits: number[] = [];
  const bodies: string[] = new Array(requests.length);
  const queue = requests.entries();
  const start = performance.now();
  const lane = async () => {
    const talk = await open(url);
    for (const [i, { bytes }] of queue) {
      const asked = performance.now();
      const { status, body } = await talk.ask(bytes);
      waits.push(performance.now() - asked);
      if (!expected.includes(status)) throw new Error(`answered ${status}: ${body.slice(0, 300)}`);
      bodies[i] = body;
    }
    talk.close();
  };
  await Promise.all(Array.from({ length: Math.min(connections, requests.length) }, lane));
  const seconds = (performance.now() - start) / 1000;
  return { seconds, waits, bodies };
}

interface Talk {
  ask(bytes: Buffer): Promise<{ status: number; body: string }>;
  close(): void;
}

function open(url: string): Promise<Talk> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () =>
      resolve(talkOn(socket)),
    );
    socket.once("error", reject);
  });
}

function talkOn(socket: Socket): Talk {
  let received = Buffer.alloc(0);
  let waiting:
    | { resolve(answer: { status: number; body: string }): void; reject(error: Error): void }
    | undefined;
  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const answer = whole(received);
    if (!answer) return;
    received = Buffer.alloc(0);
    waiting?.resolve(answer);
  });
  socket.on("close", () => waiting?.reject(new Error("the engine closed the connection")));
  socket.on("error", (error) => waiting?.reject(error));
  return {
    ask: (bytes) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(bytes);
      }),
    close() {
      waiting = undefined;
      socket.destroy();
    },
  };
}

/** Our answers have a Content-Length, and none is sent before it was asked for. */
function whole(received: Buffer): { status: number; body: string } | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const head = received.toString("latin1", 0, end);
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  const from = end + 4;
  if (received.length < from + length) return undefined;
  return { status: Number(head.slice(9, 12)), body: received.toString("utf8", from, from + length) };
}
