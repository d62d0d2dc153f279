import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import yauzl from "yauzl";
import { safeFileName, uniqueFileNames } from "../../src/http/file-names.ts";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { aPdf, call, claire, completed, drafted, type Json, launched, sessionOf } from "./support/caller.ts";

interface Entry {
  name: string;
  method: number;
  isUtf8: boolean;
  bytes: Buffer;
}

/** Reads a ZIP by its central directory, as file managers do; checks CRC and sizes. */
async function unzipped(zip: Buffer): Promise<Entry[]> {
  const file = await yauzl.fromBufferPromise(zip, { strictFileNames: true });
  const entries: Entry[] = [];
  for await (const entry of file.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await file.openReadStreamPromise(entry)) chunks.push(chunk);
    entries.push({
      name: entry.fileName,
      method: entry.compressionMethod,
      isUtf8: (entry.generalPurposeBitFlag & 0x800) !== 0,
      bytes: Buffer.concat(chunks),
    });
  }
  return entries;
}

describe("finished documents", () => {
  let door: OpenDoor;
  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  const get = (path: string, session: string, init: RequestInit = {}) =>
    fetch(`${door.url}/v1/signing${path}`, { headers: { Authorization: `Bearer ${session}` }, ...init });
  const accessesOf = (id: string) =>
    (door.engine.records.get(id) ?? []).filter(({ type }) => type === "DocumentsAccessed");
  const upload = async (name: string, words: string): Promise<string> => {
    const url = `${door.url}/v1/documents?name=${encodeURIComponent(name)}`;
    return (await call(url, { bearer: keys.cabinet, body: await aPdf(words) })).json.id;
  };

  it("come as one ZIP: stored, named as they were, each once, of the length that was said", async () => {
    const documents = [
      await upload("Lettre été.pdf", "1"),
      await upload("lettre été.PDF", "2"),
      await upload("../../etc/passwd", "3"),
      await upload("CON.pdf", "4"),
    ];
    const { id, documents: kept } = await drafted(door, { documents, title: "Clôture : été/2026" });
    const response = await fetch(`${door.url}/v1/collectes/${id}/documents.zip`, {
      headers: { Authorization: `Bearer ${keys.cabinet}` },
    });
    const zip = Buffer.from(await response.arrayBuffer());
    expect(response.status).to.equal(200);
    expect(response.headers.get("Content-Type")).to.equal("application/zip");
    expect(response.headers.get("Content-Length")).to.equal(String(zip.length));
    expect(response.headers.get("Content-Disposition")).to.include(
      "filename*=UTF-8''Cl%C3%B4ture%20_%20%C3%A9t%C3%A9_2026.zip",
    );
    const entries = await unzipped(zip);
    expect(entries.map(({ name }) => name)).to.deep.equal([
      "Lettre été.pdf",
      "lettre été (2).pdf",
      "_.._etc_passwd.pdf",
      "_CON.pdf",
    ]);
    for (const [i, { method, isUtf8, bytes }] of entries.entries()) {
      expect([method, isUtf8]).to.deep.equal([0, true]);
      expect(createHash("sha256").update(bytes).digest("hex")).to.equal(kept[i].sha256);
    }
  });

  it("tell the length of the ZIP to who asks for no more", async () => {
    const { id } = await completed(door);
    const session = await sessionOf(door, id, "c1", "download");
    const head = await get("/documents.zip", session, { method: "HEAD" });
    const whole = await (await get("/documents.zip", session)).arrayBuffer();
    expect(head.headers.get("Content-Length")).to.equal(String(whole.byteLength));
  });

  it("are on the record once for each session and document, with where they went", async () => {
    const { id, documents } = await completed(door);
    const session = await sessionOf(door, id, "c1", "download");
    const path = `/documents/${documents[0].id}`;
    await get(path, session, { method: "HEAD" });
    await get("/documents.zip", session, { method: "HEAD" });
    expect(accessesOf(id)).to.have.length(0);
    for (let i = 0; i < 3; i++) await (await get(path, session)).arrayBuffer();
    await (await get("/documents.zip", session)).arrayBuffer();
    await (await get(path, await sessionOf(door, id, "c1", "download"))).arrayBuffer();
    await (await get(path, await sessionOf(door, id, "s1", "download"))).arrayBuffer();
    const seen = accessesOf(id).map(({ data }) => [data["personId"], data["act"], data["documents"]]);
    // One document alone and all of a collecte of one are the same access.
    expect(seen).to.deep.equal([
      ["c1", "downloaded", [documents[0].id]],
      ["c1", "downloaded", [documents[0].id]],
      ["s1", "downloaded", [documents[0].id]],
    ]);
    expect(accessesOf(id)[0]?.data["personal"]).to.have.nested.property("trace.ip", "127.0.0.1");
    const { json } = await call(`${door.url}/v1/collectes/${id}`, { bearer: keys.cabinet });
    expect(json.history.at(-1)).to.include({ type: "DocumentsAccessed", personId: "s1" });
    expect(JSON.stringify(json.history.at(-1))).not.to.match(/127\.0\.0\.1|ses_/);
  });

  it("are on the record as read when a signatory sees them", async () => {
    const { id, documents } = await launched(door);
    await (await get(`/documents/${documents[0].id}`, await sessionOf(door, id, "s1"))).arrayBuffer();
    expect(accessesOf(id).map(({ data }) => data["act"])).to.deep.equal(["read"]);
  });

  it("are handed over even if that can't be recorded, which is logged", async () => {
    const { id, documents } = await completed(door);
    const session = await sessionOf(door, id, "c1", "download");
    door.engine.failure = new Error("away");
    const response = await get(`/documents/${documents[0].id}`, session);
    expect([response.status, (await response.arrayBuffer()).byteLength > 0]).to.deep.equal([200, true]);
    await sleep(5);
    expect(door.logged.map(({ message }) => message)).to.deep.equal(["an access could not be recorded"]);
  });

  it("are no ZIP for who is still to sign, nor once the purge has begun", async () => {
    const open = await launched(door, { steps: [{ signatories: [claire] }] });
    const early = await get("/documents.zip", await sessionOf(door, open.id, "s1"));
    expect([early.status, ((await early.json()) as Json).code]).to.deep.equal([410, "link_dead"]);
    const { id, documents } = await completed(door);
    const session = await sessionOf(door, id, "c1", "download");
    door.engine.happen(id, { type: "PurgeBegun", at: door.clock.instant });
    for (const path of ["/documents.zip", `/documents/${documents[0].id}`])
      expect((await get(path, session)).status).to.equal(410);
    const token = door.engine.tokenOf(id, "c1", "download");
    const dead = await call(`${door.url}/v1/signing/sessions`, { body: { token } });
    expect([dead.status, dead.json.why]).to.deep.equal([410, "ended"]);
  });

  it("say so when the first is lost, and break off when another is", async () => {
    const documents = [await upload("a.pdf", "1"), await upload("b.pdf", "2")];
    const { id, documents: kept } = await drafted(door, { documents });
    const url = `${door.url}/v1/collectes/${id}/documents.zip`;
    await door.door.blobs.remove(kept[1].sha256);
    const headers = { Authorization: `Bearer ${keys.cabinet}` };
    const cut = await fetch(url, { headers })
      .then((response) => response.arrayBuffer())
      .catch(() => "cut off");
    expect(cut).to.equal("cut off");
    await door.door.blobs.remove(kept[0].sha256);
    const lost = await call(url, { bearer: keys.cabinet });
    expect([lost.status, lost.json.code]).to.deep.equal([500, "internal"]);
    expect(lost.headers.get("Content-Disposition")).to.equal(null);
  });

  it("leave no file open when a reader goes away", async () => {
    const { id, documents } = await drafted(door);
    const { head } = door.engine.stateOf(id).documents[0] ?? { head: "" };
    const big = Buffer.alloc(documents[0].bytes + 40_000_000, 32);
    await door.putBlob(head, big);
    const opened: { destroyed: boolean }[] = [];
    const { blobs } = door.door;
    const open = blobs.open.bind(blobs);
    blobs.open = async (sha256) => {
      const one = await open(sha256);
      opened.push(one.stream);
      return one;
    };
    const leaving = new AbortController();
    const response = await fetch(`${door.url}/v1/collectes/${id}/documents.zip`, {
      headers: { Authorization: `Bearer ${keys.cabinet}` },
      signal: leaving.signal,
    });
    await response.body?.getReader().read();
    leaving.abort();
    for (let i = 0; i < 100 && !opened[0]?.destroyed; i++) await sleep(10);
    expect(opened.map(({ destroyed }) => destroyed)).to.deep.equal([true]);
    expect(door.logged).to.deep.equal([]);
  });
});

describe("names of files", () => {
  it("are ones that every system can give", () => {
    for (const [name, file] of [
      ["Bilan 2026.pdf", "Bilan 2026.pdf"],
      ["a/b\\c:d", "a_b_c_d.pdf"],
      ["..", "document.pdf"],
      ["nul", "_nul.pdf"],
      ["fin. ", "fin.pdf"],
      ["e\u0301te\u0301", "été.pdf"],
      ["\u202egpj.exe", "_gpj.exe.pdf"],
      ["x".repeat(300), `${"x".repeat(120)}.pdf`],
      ["日本語", "日本語.pdf"],
    ] as const)
      expect(safeFileName(name, ".pdf"), name).to.equal(file);
  });

  it("stand once, in any case of letters", () => {
    expect(uniqueFileNames(["a", "A.pdf", "a (2)", "a"], ".pdf")).to.deep.equal([
      "a.pdf",
      "A (2).pdf",
      "a (2) (2).pdf",
      "a (3).pdf",
    ]);
  });
});
