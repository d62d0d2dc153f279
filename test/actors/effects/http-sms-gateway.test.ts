import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { expect } from "chai";
import { createHttpSmsGateway } from "../../../src/actors/effects/http-sms-gateway.ts";
import { Retryable, Terminal } from "../../../src/actors/runtime/errors.ts";
import { startSmsSink } from "../../../src/cli/sinks/sms-sink.ts";

const sms = { to: "+33612340001", text: "Votre code est 123456", idempotencyKey: "col_1.3.0" };

describe("the HTTP SMS gateway and the local sink", () => {
  it("deliver an SMS once, however often it is sent", async () => {
    const sink = await startSmsSink();
    const gateway = createHttpSmsGateway({ url: sink.url });
    const first = await gateway.send(sms);
    const again = await gateway.send(sms);
    expect(again).to.deep.equal(first);
    expect(sink.count()).to.equal(1);
    expect(sink.doubles()).to.equal(1);
    expect(await sink.next(sms.to)).to.deep.equal({ ...sms, id: first.reference });
    const more = await sink.next(sms.to, undefined, 20).catch((error: Error) => error.message);
    expect(more).to.equal("no SMS came in 20 ms");
    await sink.close();
  });
});

describe("the HTTP SMS gateway", () => {
  let server: Server;
  let url: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let seen: IncomingMessage[];

  beforeEach(async () => {
    seen = [];
    server = createServer((request, response) => {
      seen.push(request);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}/send`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  const failure = async (timeoutMs = 2_000): Promise<Error & { code?: string; retryAfterMs?: number }> => {
    const caught = await createHttpSmsGateway({ url, timeoutMs })
      .send(sms)
      .catch((error: Error) => error);
    if (!(caught instanceof Error)) throw new Error("the SMS was sent");
    expect(`${caught.message} ${String(caught.cause)}`).not.to.match(/123456|33612340001/);
    return caught;
  };
  const status =
    (code: number, headers: Record<string, string> = {}) =>
    (_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(code, headers).end(`{"error":"${sms.to} ${sms.text}"}`);
    };

  it("sends its key and the headers of the settings", async () => {
    answer = status(200);
    await createHttpSmsGateway({ url, headers: { Authorization: "Bearer s3cret" } }).send(sms);
    expect(seen[0]?.headers).to.include({
      authorization: "Bearer s3cret",
      "idempotency-key": "col_1.3.0",
      "content-type": "application/json",
    });
  });

  it("takes any 2xx for accepted, by its own key when the reply names none", async () => {
    answer = (_, response) => response.writeHead(202).end();
    expect(await createHttpSmsGateway({ url }).send(sms)).to.deep.equal({ reference: "col_1.3.0" });
    answer = (_, response) =>
      response.writeHead(200).end(JSON.stringify({ id: 42, pad: "x".repeat(100_000) }));
    expect(await createHttpSmsGateway({ url }).send(sms)).to.deep.equal({ reference: "col_1.3.0" });
    answer = (_, response) => response.writeHead(200).end(JSON.stringify({ id: 42 }));
    expect(await createHttpSmsGateway({ url }).send(sms)).to.deep.equal({ reference: "42" });
  });

  it("comes back after a 5xx", async () => {
    answer = status(503);
    expect(await failure())
      .to.be.instanceOf(Retryable)
      .and.include({ code: "sms_away" });
  });

  it("comes back when it is told to", async () => {
    answer = status(429, { "retry-after": "7" });
    expect(await failure()).to.include({ code: "sms_away", retryAfterMs: 7_000 });
    answer = status(503, { "retry-after": new Date(Date.now() + 60_000).toUTCString() });
    expect((await failure()).retryAfterMs).to.be.within(55_000, 60_000);
    answer = status(503, { "retry-after": "999999999" });
    expect((await failure()).retryAfterMs).to.equal(3_600_000);
    answer = status(503, { "retry-after": "soon" });
    expect((await failure()).retryAfterMs).to.equal(undefined);
  });

  it("gives up an SMS that is refused", async () => {
    answer = status(422);
    expect(await failure())
      .to.be.instanceOf(Terminal)
      .and.include({ code: "sms_refused" });
  });

  it("does not bury SMS because our own account is refused", async () => {
    answer = status(401);
    expect(await failure()).to.be.instanceOf(Retryable);
  });

  it("follows no redirect", async () => {
    answer = status(307, { location: `${url}/elsewhere` });
    expect(await failure()).to.be.instanceOf(Retryable);
    expect(seen).to.have.length(1);
  });

  it("waits no longer than it may for a gateway that hangs", async () => {
    answer = () => {};
    expect(await failure(50))
      .to.be.instanceOf(Retryable)
      .and.include({ code: "sms_away" });
  });

  it("comes back to a gateway that hangs up or is not there", async () => {
    answer = (request) => request.socket.destroy();
    expect(await failure()).to.be.instanceOf(Retryable);
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    expect(String((await failure()).cause)).to.equal("Error: ECONNREFUSED");
  });
});
