import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { expect } from "chai";
import { createOutgoing, type Outgoing } from "../../../../src/actors/effects/outgoing.ts";
import { createHttpCarrier } from "../../../../src/actors/effects/sms/http-carrier.ts";
import type { HttpDescription } from "../../../../src/actors/effects/sms/http-description.ts";
import type { Retryable, Terminal } from "../../../../src/actors/runtime/errors.ts";
import { freePort } from "../../../support/ports.ts";

const sms = { to: "+33612340001", text: 'Code {to} 123456 & "réf."', idempotencyKey: "col_1.3.0" };

describe("an HTTP gateway that the settings describe", () => {
  let server: Server;
  let url: string;
  let outgoing: Outgoing;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let seen: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[];

  beforeEach(async () => {
    seen = [];
    answer = (_, response) => void response.end("{}");
    server = createServer(async (request, response) => {
      const { method = "", url: path = "", headers } = request;
      const chunks = await request.toArray();
      seen.push({ method, url: path, headers, body: Buffer.concat(chunks).toString() });
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}/messages?v=2`;
    outgoing = createOutgoing({ mayLoop: true, keepsConnections: false, timeoutMs: 300 });
  });
  afterEach(async () => {
    outgoing.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  const carrier = (more: Partial<HttpDescription> = {}, by = outgoing) =>
    createHttpCarrier(
      {
        name: "main",
        kind: "http",
        url,
        method: "POST",
        headers: { authorization: "Bearer hush", "x-id": "{reference}" },
        content: "json",
        body: { messages: [{ dest: "{to}", body: "{text}", from: "{from}", coding: "{encoding}", ttl: 30 }] },
        from: "CABINET",
        numbers: "plus",
        encodings: { gsm7: "text", ucs2: "unicode" },
        answers: [],
        knowsKeys: false,
        isPrivate: false,
        timeoutMs: 300,
        ...more,
      },
      by,
    );
  const failure = async (one = carrier()): Promise<Retryable & Terminal> => {
    const caught = await one.submit(sms).catch((error: Error) => error);
    if (!(caught instanceof Error)) throw new Error("the SMS was sent");
    expect(`${caught.message} ${String(caught.cause)}`).not.to.match(/123456|33612340001|hush/);
    return caught as Retryable & Terminal;
  };
  const status =
    (code: number, body: unknown = {}, headers: Record<string, string> = {}) =>
    (_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(code, headers).end(JSON.stringify(body));
    };

  it("is called with JSON, its words in their places and never read twice", async () => {
    answer = status(201, { messages: [{ id: 4711 }] });
    expect(await carrier({ reference: "/messages/0/id" }).submit(sms)).to.deep.equal({ reference: "4711" });
    expect(seen[0]).to.include({ method: "POST", url: "/messages?v=2" });
    expect(seen[0]?.headers).to.include({ authorization: "Bearer hush", "x-id": "col_1.3.0" });
    expect(JSON.parse(seen[0]?.body ?? "")).to.deep.equal({
      messages: [{ dest: "+33612340001", body: sms.text, from: "CABINET", coding: "text", ttl: 30 }],
    });
  });

  it("is called with a form, or behind its URL, and is told of UCS-2", async () => {
    const fields = { body: { to: "{to}", text: "{text}", type: "{encoding}" }, numbers: "digits" as const };
    await carrier({ ...fields, content: "form" }).submit({ ...sms, text: "œ & + =" });
    await carrier({ ...fields, content: "query", method: "GET" }).submit(sms);
    expect(seen[0]?.headers["content-type"]).to.equal("application/x-www-form-urlencoded");
    const form = Object.fromEntries(new URLSearchParams(seen[0]?.body));
    expect(form).to.deep.equal({ to: "33612340001", text: "œ & + =", type: "unicode" });
    const query = Object.fromEntries(new URL(seen[1]?.url ?? "", url).searchParams);
    expect(query).to.deep.equal({ v: "2", to: "33612340001", text: sms.text, type: "text" });
    expect(seen[1]).to.include({ method: "GET", body: "" });
  });

  it("is named by its answer, and by our own name without one", async () => {
    for (const body of [{}, { id: "" }, "no JSON", { id: { deep: 1 } }]) {
      answer = status(200, body);
      expect(await carrier({ reference: "/id" }).submit(sms)).to.deep.equal({ reference: "col_1.3.0" });
    }
  });

  it("says by its status whether it took the SMS", async () => {
    for (const [code, outcome] of [
      [400, "Terminal"],
      [404, "Terminal"],
      [422, "Terminal"],
      [302, "Retryable"],
      [401, "Retryable"],
      [429, "Retryable"],
      [503, "Retryable"],
      [408, "in doubt"],
      [500, "in doubt"],
      [504, "in doubt"],
    ] as const) {
      answer = status(code, {}, code === 429 ? { "retry-after": "9" } : {});
      const { name, isDoubtful = false, retryAfterMs } = await failure();
      expect([code, isDoubtful ? "in doubt" : name]).to.deep.equal([code, outcome]);
      if (code === 429) expect(retryAfterMs).to.equal(9_000);
    }
  });

  it("may say so in its own words: the first rule that fits counts", async () => {
    const answers = [
      { means: "refused", at: "/error/code", is: ["21211", "21614"] },
      { means: "retry", status: [200], at: "/error/code", is: ["20429"] },
      { means: "accepted", status: [409] },
      { means: "doubtful", at: "/state", is: ["unsure"] },
    ] as const;
    const one = carrier({ answers });
    answer = status(200, { error: { code: 21614 } });
    expect(await failure(one)).to.include({ name: "Terminal", code: "sms_refused" });
    answer = status(200, { error: { code: 20429 } });
    expect(await failure(one)).to.include({ name: "Retryable", isDoubtful: false });
    answer = status(200, { state: "unsure" });
    expect(await failure(one)).to.include({ name: "Retryable", isDoubtful: true });
    answer = status(409);
    await one.submit(sms);
  });

  it("certainly took nothing where nobody listens, and may have where the connection breaks", async () => {
    const nowhere = carrier({ url: `http://127.0.0.1:${await freePort()}/` });
    expect(await failure(nowhere)).to.include({ code: "sms_away", isDoubtful: false });
    answer = (request) => void request.socket.destroy();
    expect(await failure()).to.include({ code: "sms_away", isDoubtful: true });
    answer = () => undefined;
    expect(await failure(), "silence").to.include({ code: "sms_away", isDoubtful: true });
  });

  it("is on the Internet, by https, unless the operator says that it is in their own network", async () => {
    const outside = createOutgoing({ mayLoop: false });
    expect(await failure(carrier({}, outside))).to.include({ name: "Retryable", isDoubtful: false });
    expect(seen).to.have.length(0);
    const trusted = createOutgoing({ mayLoop: false, isTrusted: true });
    await carrier({}, trusted).submit(sms);
    expect(seen).to.have.length(1);
    trusted.close();
  });
});
