import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { expect } from "chai";
import { type ApiClient, ApiProblem, createApiClient } from "../../../examples/end-of-year/api-client.ts";
import { createFirmApi } from "../../../examples/end-of-year/firm-api.ts";

describe("the example's API client", () => {
  let server: Server;
  let client: ApiClient;
  let seen: { headers: IncomingMessage["headers"]; url: string; body: Buffer }[];
  /** One answer a request; the last one again and again. */
  let answers: ((response: ServerResponse) => void)[];

  const problem =
    (status: number, code: string, headers: Record<string, string> = {}) =>
    (response: ServerResponse) =>
      response
        .writeHead(status, { "content-type": "application/problem+json", ...headers })
        .end(JSON.stringify({ type: "about:blank", title: "No", status, code, triesLeft: 2 }));
  const fine = (response: ServerResponse) => response.writeHead(201).end('{"id":"x_1"}');
  const hangUp = (response: ServerResponse) => response.socket?.destroy();

  beforeEach(async () => {
    seen = [];
    answers = [fine];
    server = createServer(async (request, response) => {
      const body = await buffer(request);
      seen.push({ headers: request.headers, url: request.url ?? "", body });
      (answers.length > 1 ? answers.shift() : answers[0])?.(response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    client = createApiClient(`http://127.0.0.1:${port}/base/`, { tries: 3 });
  });
  afterEach(async () => {
    client.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  const post = () => client.json({ method: "POST", path: "/v1/x", body: { a: 1 } });

  it("sends a PDF as it is, and anything else as JSON", async () => {
    const api = createFirmApi(client, "ck_1");
    await api.addDocument(Buffer.from("%PDF-1.7 é"));
    await api.createCollecte({ title: "Été", documents: ["doc_1"], steps: [{ seal: true }] });
    expect(seen.map(({ url }) => url)).to.deep.equal(["/base/v1/documents", "/base/v1/collectes"]);
    expect(seen[0]?.headers).to.include({ "content-type": "application/pdf", authorization: "Bearer ck_1" });
    expect(seen[0]?.body.toString()).to.equal("%PDF-1.7 é");
    expect(JSON.parse(seen[1]?.body.toString() ?? "")).to.include({ title: "Été" });
  });

  it("sends another file as what it is called, and acts for a member under a key", async () => {
    const body = Buffer.from("Prénom;Nom");
    const path = "/v1/contacts/imports";
    await client.json({ method: "POST", path, body, contentType: "text/csv", actingMember: "mem_1" });
    await createFirmApi(client, "ck_1").changeOrder("col_1", [{ signatories: ["s2"] }]);
    expect(seen[0]?.headers).to.include({ "content-type": "text/csv", "acting-member": "mem_1" });
    expect(seen[0]?.body.equals(body)).to.equal(true);
    expect(seen[1]?.headers["idempotency-key"]).to.match(/^[\w-]{20,}$/);
  });

  it("tells a refusal by its code", async () => {
    answers = [problem(422, "otp_wrong")];
    const failure = await post().catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(ApiProblem).and.include({ status: 422, code: "otp_wrong" });
    expect((failure as ApiProblem).facts).to.include({ triesLeft: 2 });
    expect(seen).to.have.length(1);
  });

  it("tries again after 429 as late as it is told, and after a lost connection, under one key", async () => {
    answers = [problem(429, "overloaded", { "retry-after": "1" }), hangUp, fine];
    const start = Date.now();
    expect(await post()).to.deep.equal({ id: "x_1" });
    expect(Date.now() - start).to.be.at.least(950);
    expect(new Set(seen.map(({ headers }) => headers["idempotency-key"])).size).to.equal(1);
    await post();
    expect(seen[3]?.headers["idempotency-key"]).not.to.equal(seen[0]?.headers["idempotency-key"]);
  });

  it("stops trying in the end", async () => {
    answers = [hangUp];
    expect(await post().catch((error: unknown) => error)).to.be.instanceOf(Error);
    expect(seen).to.have.length(3);
  });

  it("does not repeat what the law refused", async () => {
    answers = [problem(429, "otp_too_soon", { "retry-after": "60" })];
    const failure = await post().catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(ApiProblem).with.property("code", "otp_too_soon");
    expect(seen).to.have.length(1);
  });
});
