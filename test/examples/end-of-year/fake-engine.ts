import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import type { ParsedMail } from "../../../src/cli/sinks/parse-mail.ts";

/** What the signing side of an engine answers, for one collecte of two documents. */
export interface FakeEngine {
  url: string;
  /** The requests that it saw: method, path and body. */
  seen: { method: string; path: string; body: string; bearer?: string }[];
  /** The bytes of a document, by id. */
  documents: Record<string, string>;
  /** What GET /v1/signing announces. */
  announced: { id: string; sha256: string }[];
  /** Commits the request and drops the connection before the answer, once for each path. */
  losesAnswersOf: Set<string>;
  close(): Promise<void>;
}

export const otpId = "Ab-_restOfTheId";

/** What the law says to an act that it has seen before. */
const secondTime: Record<string, { status: number; code: string }> = {
  "/v1/signing/consent": { status: 429, code: "otp_too_soon" },
  "/v1/signing/sign": { status: 409, code: "signature_in_progress" },
};

/** Knows the token `{purpose}-token` and hands out the session `{purpose}-session`. */
export async function startFakeEngine(): Promise<FakeEngine> {
  const documents: Record<string, string> = { doc_1: "first document", doc_2: "second document" };
  const announced = Object.entries(documents).map(([id, bytes]) => ({
    id,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  }));
  const seen: FakeEngine["seen"] = [];
  const losesAnswersOf: FakeEngine["losesAnswersOf"] = new Set();
  const done = new Map<string, number>();
  const answers: Record<string, (body: Record<string, string>) => object> = {
    "POST /v1/signing/sessions": ({ token = "" }) => {
      const purpose = token.split("-")[0];
      return { session: `${purpose}-session`, purpose, expiresAt: 0 };
    },
    "GET /v1/signing": () => ({
      title: "Lettre",
      documents: announced,
      ...(done.has("/v1/signing/consent") && { otp: { id: otpId } }),
    }),
    "POST /v1/signing/consent": () => ({ otpId, expiresAt: 0 }),
    "POST /v1/signing/sign": () => ({ status: "accepted" }),
  };

  const server = createServer(async (request, response) => {
    const { method = "", url: path = "" } = request;
    const body = await text(request);
    const bearer = request.headers.authorization;
    seen.push({ method, path, body, ...(bearer !== undefined && { bearer }) });
    const document = documents[path.split("/v1/signing/documents/")[1] ?? ""];
    const answer = answers[`${method} ${path}`];
    const refusal = secondTime[path];
    const times = (done.get(path) ?? 0) + 1;
    done.set(path, times);
    if (losesAnswersOf.delete(path)) response.destroy();
    else if (refusal && times > 1) {
      response.writeHead(refusal.status).end(JSON.stringify(refusal));
    } else if (document !== undefined) response.end(document);
    else if (answer) response.end(JSON.stringify(answer(body ? JSON.parse(body) : {})));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    documents,
    announced,
    losesAnswersOf,
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

/** A letter box that holds these things in order; `next` works as that of the sinks. */
export function boxOf<T>(...items: T[]) {
  return {
    async next(_address: string, wanted: (item: T) => boolean = () => true): Promise<T> {
      const place = items.findIndex(wanted);
      const [item] = place < 0 ? [] : items.splice(place, 1);
      if (item === undefined) throw new Error("nothing came");
      return item;
    },
  };
}

/** A mail as the sink reads it. */
export function mailOf(letter: { subject: string; text: string }): ParsedMail {
  return {
    ...letter,
    to: "zoe@example.com",
    messageId: "<1@mail.example.com>",
    links: letter.text.match(/https?:\/\/\S+/g) ?? [],
  };
}
