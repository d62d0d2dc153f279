import { createHash } from "node:crypto";
import { Agent, type RequestOptions, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { Overloaded } from "../../src/actors/runtime/errors.ts";
import { problems } from "../../src/http/problems.ts";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { aPdf, call } from "./support/caller.ts";

const maxDocumentBytes = 20_000;

describe("an upload", () => {
  let door: OpenDoor;
  const upload = (body: Uint8Array | string, headers: Record<string, string> = {}, query = "") =>
    call(`${door.url}/v1/documents${query}`, { bearer: keys.cabinet, body, headers });
  const nothingIsLeft = async () => {
    expect(await door.temporaryFiles()).to.deep.equal([]);
    expect(await door.blobFiles()).to.deep.equal([]);
    expect(door.documents.size).to.equal(0);
  };

  beforeEach(async () => {
    door = await openDoor({ maxDocumentBytes });
  });
  afterEach(() => door.close());

  it("is kept under its digest, and its temporary file is gone", async () => {
    const pdf = await aPdf();
    const sha256 = createHash("sha256").update(pdf).digest("hex");
    const { status, json } = await upload(pdf, {}, "?name=Lettre%20d%E2%80%99%C3%A9t%C3%A9.pdf");
    expect(status).to.equal(201);
    expect(json).to.deep.equal({
      id: json.id,
      sha256,
      bytes: pdf.length,
      pages: 2,
      name: "Lettre d’été.pdf",
    });
    expect(json.id).to.match(/^doc_/);
    expect(await door.blobFiles()).to.deep.equal([sha256]);
    expect(await door.temporaryFiles()).to.deep.equal([]);
    expect(door.documents.get(json.id)).to.include({ firmId: "frm_cabinet", sha256 });
  });

  it("is kept as it was written anew when it was damaged, and says from what", async () => {
    const [damaged, whole] = [await aPdf(), Buffer.from("%PDF-1.7 mended")];
    door.inspection.rewritten = whole;
    const headers = { "Idempotency-Key": "once" };
    const { status, json } = await upload(damaged, headers);
    const [repairedFrom, sha256] = [damaged, whole].map((bytes) =>
      createHash("sha256").update(bytes).digest("hex"),
    );
    const answer = { id: json.id, sha256, bytes: whole.length, pages: 2, repairedFrom };
    expect([status, json]).to.deep.equal([201, answer]);
    expect(await door.blobFiles()).to.deep.equal([sha256]);
    expect(await door.temporaryFiles()).to.deep.equal([]);
    expect(door.documents.get(json.id)).to.include({ sha256, repairedFrom });
    expect((await upload(damaged, headers)).json).to.deep.equal(answer);
    expect((await upload(whole, headers)).json.code).to.equal("idempotency_key_reused");
    const body = { title: "Bilan", documents: [json.id], steps: [{ seal: true }] };
    const created = await call(`${door.url}/v1/collectes`, { bearer: keys.cabinet, body });
    const collecte = await call(`${door.url}/v1/collectes/${created.json.id}`, { bearer: keys.cabinet });
    expect(collecte.json.documents[0]).to.include({ originalSha256: sha256, repairedFrom });
    expect(collecte.json.history[0].documents[0]).to.include({ sha256, repairedFrom });
  });

  it("is neutralised when asked, and one key is not for both", async () => {
    door.inspection.rewritten = Buffer.from("%PDF-1.7 flat");
    const headers = { "Idempotency-Key": "flat" };
    const { json } = await upload(await aPdf(), headers, "?neutralise=true");
    expect(json).to.include({ neutralised: true, bytes: 13 });
    expect(door.inspection.asked?.neutralise).to.equal(true);
    expect((await upload(await aPdf(), headers)).json.code).to.equal("idempotency_key_reused");
    expect((await upload(await aPdf(), {}, "?neutralise=perhaps")).status).to.equal(422);
    await upload(await aPdf());
    expect(door.inspection.asked?.neutralise).to.equal(false);
  });

  it("may hold files only when its firm may send them", async () => {
    await upload(await aPdf());
    expect(door.inspection.asked?.limits.allowEmbeddedFiles).to.equal(false);
    const { firm } = door.door.directory;
    door.door.directory.firm = async (id) => {
      const found = await firm(id);
      return found && { ...found, allowsEmbeddedFiles: true };
    };
    await upload(await aPdf());
    expect(door.inspection.asked?.limits.allowEmbeddedFiles).to.equal(true);
  });

  it("is refused in French when asked in French", async () => {
    door.inspection.answer = { ok: false, code: "pdf_encrypted" };
    const french = await upload(await aPdf(), { "Accept-Language": "fr-FR,fr;q=0.9,en;q=0.5" });
    expect(french.json).to.include({ code: "pdf_encrypted", title: "Le PDF est chiffré" });
    expect((await upload(await aPdf())).json.title).to.equal("The PDF is encrypted");
  });

  it("is turned away when too many wait for their inspection, and nothing of it is left", async () => {
    door.door.inspector = { inspect: () => Promise.reject(new Overloaded(5)) };
    const answer = await upload(await aPdf());
    expect([answer.status, answer.json.code]).to.deep.equal([429, "overloaded"]);
    expect(answer.headers.get("Retry-After")).to.equal("5");
    await nothingIsLeft();
  });

  it("may come as application/octet-stream", async () => {
    expect((await upload(await aPdf(), { "Content-Type": "application/octet-stream" })).status).to.equal(201);
  });

  for (const headers of [
    { "Content-Type": "text/plain" },
    { "Content-Type": "application/json" },
    { "Content-Type": "application/pdf", "Content-Encoding": "gzip" },
  ]) {
    it(`is refused as ${JSON.stringify(headers)}`, async () => {
      const { status, json } = await upload(await aPdf(), headers);
      expect([status, json.code]).to.deep.equal([415, "unsupported_media_type"]);
      await nothingIsLeft();
    });
  }

  for (const [what, body] of [
    ["a spreadsheet", "PK\u0003\u0004 not a PDF at all"],
    ["junk before the header", "\n%PDF-1.7"],
    ["four bytes", "%PDF"],
    ["nothing", new Uint8Array(0)],
  ] as const) {
    it(`is refused when it is ${what}`, async () => {
      const { status, json } = await upload(body);
      expect([status, json.code]).to.deep.equal([422, "not_a_pdf"]);
      await nothingIsLeft();
    });
  }

  it("is refused when it says that it is too large", async () => {
    const { status, json } = await upload(
      Buffer.concat([Buffer.from("%PDF-"), Buffer.alloc(maxDocumentBytes)]),
    );
    expect([status, json.code, json.maxBytes]).to.deep.equal([413, "document_too_large", maxDocumentBytes]);
    await nothingIsLeft();
  });

  it("may be exactly as large as the limit", async () => {
    const pdf = Buffer.alloc(maxDocumentBytes, 0x20);
    pdf.write("%PDF-1.7");
    expect((await upload(pdf)).status).to.equal(201);
  });

  it("is stopped while streaming, once it is too large", async () => {
    async function* endless() {
      yield Buffer.from("%PDF-1.7\n");
      for (let i = 0; i < 50; i++) {
        yield Buffer.alloc(1_000, 0x20);
        await sleep(1);
      }
    }
    const response = await fetch(`${door.url}/v1/documents`, {
      method: "POST",
      body: endless(),
      duplex: "half",
      headers: { Authorization: `Bearer ${keys.cabinet}`, "Content-Type": "application/pdf" },
    });
    expect([response.status, ((await response.json()) as { code: string }).code]).to.deep.equal([
      413,
      "document_too_large",
    ]);
    await nothingIsLeft();
  });

  for (const size of [300_000, 3_000_000]) {
    for (const [what, path, bearer, first, code] of [
      ["is no PDF", "/v1/documents", keys.cabinet, "PK", "not_a_pdf"],
      ["is too large", "/v1/documents", keys.cabinet, "%PDF-1.7", "document_too_large"],
      ["comes with an unknown key", "/v1/documents", "ck_unknown", "%PDF-1.7", "key_invalid"],
      ["goes nowhere", "/v1/nothing", keys.cabinet, "%PDF-1.7", "not_found"],
    ] as const) {
      it(`of ${size} bytes that ${what} doesn't hold up the caller's next request`, async function () {
        this.timeout(4_000);
        const body = Buffer.alloc(size, 0x20);
        body.write(first);
        if (code === "not_a_pdf") {
          await door.close();
          door = await openDoor({ maxDocumentBytes: size });
        }
        // By fetch, with and without an announced length, and by an agent that keeps one connection.
        for (const sent of [body, chunked(body)]) {
          const answer = await fetch(door.url + path, {
            method: "POST",
            body: sent,
            duplex: "half",
            headers: { Authorization: `Bearer ${bearer}`, "Content-Type": "application/pdf" },
          });
          expect(((await answer.json()) as { code: string }).code).to.equal(code);
          expect((await call(`${door.url}/health`)).status).to.equal(200);
        }
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        try {
          for (const length of [{ "Content-Length": String(size) }, { "Transfer-Encoding": "chunked" }]) {
            const headers = {
              Authorization: `Bearer ${bearer}`,
              "Content-Type": "application/pdf",
              ...length,
            };
            const answer = await sentBy(agent, door.url + path, { method: "POST", headers }, body);
            expect(JSON.parse(answer).code).to.equal(code);
            expect(await sentBy(agent, `${door.url}/health`)).to.equal('{"ok":true}');
          }
        } finally {
          agent.destroy();
        }
        await nothingIsLeft();
      });
    }
  }

  it("keeps its connection when a refusal comes after all of it was sent", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const headers = { Authorization: `Bearer ${keys.cabinet}`, "Content-Type": "application/pdf" };
      const sockets = new Set<unknown>();
      for (let i = 0; i < 3; i++) {
        const body = Buffer.from("%PDF");
        await sentBy(agent, `${door.url}/v1/documents`, { method: "POST", headers }, body, sockets);
      }
      expect(sockets.size).to.equal(1);
    } finally {
      agent.destroy();
    }
  });

  it("leaves nothing when the caller hangs up in the middle", async () => {
    const { hostname, port } = new URL(door.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /v1/documents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${keys.cabinet}\r\n` +
        "Content-Type: application/pdf\r\nContent-Length: 5000\r\n\r\n%PDF-1.7 and then",
    );
    while ((await door.temporaryFiles()).length === 0) await sleep(2);
    socket.destroy();
    while ((await door.temporaryFiles()).length > 0) await sleep(2);
    await nothingIsLeft();
    expect(door.logged).to.deep.equal([]);
  });

  for (const [code, { status }] of Object.entries(problems).filter(([one]) => one.startsWith("pdf_"))) {
    it(`is refused with the inspector's ${code}`, async () => {
      door.inspection.answer = { ok: false, code, detail: "inside" };
      const answer = await upload(await aPdf());
      expect([answer.status, answer.json.code]).to.deep.equal([status, code]);
      await nothingIsLeft();
    });
  }

  it("is refused as an internal failure when the inspector says what nobody knows", async () => {
    door.inspection.answer = { ok: false, code: "pdf_of_the_moon" };
    expect((await upload(await aPdf())).json.code).to.equal("internal");
    await nothingIsLeft();
  });

  it("is refused with a name that turns the reading direction", async () => {
    const { status, json } = await upload(await aPdf(), {}, `?name=${encodeURIComponent("a\u202Efdp.exe")}`);
    expect([status, json.errors[0].field, json.errors[0].code]).to.deep.equal([
      422,
      "name",
      "forbidden_characters",
    ]);
    await nothingIsLeft();
  });

  it("under one Idempotency-Key is one document", async () => {
    const pdf = await aPdf();
    const headers = { "Idempotency-Key": "k1" };
    const answers = [await upload(pdf, headers), await upload(pdf, headers)];
    expect(answers.map(({ status }) => status)).to.deep.equal([201, 201]);
    expect(answers[0]?.json).to.deep.equal(answers[1]?.json);
    expect(door.documents.size).to.equal(1);
    const other = await upload(await aPdf("Other words"), headers);
    expect([other.status, other.json.code]).to.deep.equal([422, "idempotency_key_reused"]);
    expect(await door.temporaryFiles()).to.deep.equal([]);
  });

  it("under one Idempotency-Key is one document, when two come at once", async () => {
    const headers = { "Idempotency-Key": "k2" };
    const [one, two] = await Promise.all([
      upload(await aPdf("one"), headers),
      upload(await aPdf("two"), headers),
    ]);
    expect([one.status, two.status].toSorted()).to.deep.equal([201, 422]);
    expect(door.documents.size).to.equal(1);
  });
});

async function* chunked(body: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += 16_384) yield body.subarray(at, at + 16_384);
}

/** The text of an answer to a request that is sent whole, whatever comes back in the meantime. */
function sentBy(
  agent: Agent,
  url: string,
  options: RequestOptions = {},
  body?: Buffer,
  sockets?: Set<unknown>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, agent }, (answer) => {
      text(answer).then(resolve, reject);
    });
    sent.once("error", reject);
    sent.once("socket", (socket) => sockets?.add(socket));
    sent.end(body);
  });
}
