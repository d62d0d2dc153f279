import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * What becomes of a request: passed on, answered with a status, never answered, passed on though the answer is cut
 * off, loses its end or has a bit turned; or passed on so that only the answer is lost.
 */
export type Lie = "pass" | number | "hang" | "cut" | "shorten" | "flip" | "swallow";

/** A way to a real store that breaks as told. */
export interface LyingS3 {
  endpoint: string;
  /** Asked of each request; all pass unless it is set. */
  lie: (request: { method: string; url: string; nth: number }) => Lie;
  /** Method and path of what came. */
  seen: string[];
  close(): Promise<void>;
}

export async function lyingS3(to: string): Promise<LyingS3> {
  const target = new URL(to);
  const sockets = new Set<{ destroy(): void }>();
  const lying: LyingS3 = { endpoint: "", lie: () => "pass", seen: [], close: async () => undefined };

  function pass(incoming: IncomingMessage, response: ServerResponse, lie: Lie): void {
    const { method, url, headers } = incoming;
    const forth = request({ host: target.hostname, port: target.port, method, path: url, headers });
    forth.on("error", () => response.destroy());
    forth.on("response", (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        const body = Buffer.concat(chunks);
        if (lie === "swallow") return void response.destroy();
        if (lie === "flip" && body.length > 0) body[body.length >> 1] = (body[body.length >> 1] ?? 0) ^ 1;
        if (lie === "shorten") answer.headers["content-length"] = String(body.length >> 1);
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        if (lie === "cut") response.write(body.subarray(0, body.length >> 1), () => response.destroy());
        else response.end(lie === "shorten" ? body.subarray(0, body.length >> 1) : body);
      });
    });
    incoming.pipe(forth);
  }

  const server = createServer((incoming, response) => {
    const { method = "", url = "" } = incoming;
    const nth = lying.seen.push(`${method} ${url}`);
    const lie = lying.lie({ method, url, nth });
    if (lie === "hang") return void incoming.resume();
    if (typeof lie !== "number") return pass(incoming, response, lie);
    incoming.resume();
    const secrets = `<AWSAccessKeyId>tests:engine</AWSAccessKeyId><StringToSign>hush</StringToSign>`;
    const code = lie === 403 ? "SignatureDoesNotMatch" : "InternalError";
    response.writeHead(lie, { "content-type": "application/xml" });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>hush</Message>${secrets}</Error>`);
  });
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  lying.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  lying.close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return lying;
}
