import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readlink, realpath, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { StoredDocument } from "../../src/actors/runtime/ports.ts";
import { openBlobs } from "../../src/store/blobs.ts";
import { createDocuments } from "../../src/store/documents.ts";
import { retentionSql } from "../../src/store/retention-sql.ts";
import { openSqlite, type SqliteDatabase } from "../../src/store/sqlite/database.ts";
import { thrownBy } from "../support/thrown.ts";
import { type OpenedStore, openTemporaryStore, secretsOfTests } from "./open-store.ts";

function aDocument(id: string, more: Partial<StoredDocument> = {}): StoredDocument {
  return {
    id,
    firmId: "firm-a",
    name: `${id}.pdf`,
    sha256: "a".repeat(64),
    bytes: 12_345,
    pages: 3,
    ...more,
  };
}

describe("uploaded documents", () => {
  let opened: OpenedStore;
  let database: SqliteDatabase;
  let begun: number;
  let failures: number;
  beforeEach(async () => {
    opened = await openTemporaryStore();
    database = await openSqlite(opened.file);
    begun = 0;
    failures = 0;
  });
  afterEach(async () => {
    await database.close();
    await opened.close();
  });

  /** Counts transactions, and lets the first `failures` of them not begin. */
  function counted() {
    const counting: SqliteDatabase = {
      ...database,
      transaction: (work) => {
        begun++;
        if (begun <= failures) return Promise.reject(new Error("SQLITE_BUSY"));
        return database.transaction(work);
      },
    };
    return createDocuments(counting, retentionSql.sqlite, secretsOfTests, opened.clock);
  }

  it("say what they were written anew from, and why", async () => {
    const { documents } = opened.store;
    const repaired = aDocument("doc-1", { repairedFrom: "b".repeat(64) });
    const neutralised = aDocument("doc-2", { repairedFrom: "b".repeat(64), neutralised: true });
    await Promise.all([documents.add(repaired), documents.add(neutralised)]);
    expect(await documents.find("firm-a", ["doc-1", "doc-2"])).to.deep.equal([repaired, neutralised]);
  });

  it("are found in the order of the ids, with their names or without", async () => {
    const { documents } = opened.store;
    const { name: _, ...nameless } = aDocument("doc-2");
    await Promise.all([documents.add(aDocument("doc-1")), documents.add(nameless)]);
    expect(await documents.find("firm-a", ["doc-2", "doc-9", "doc-1", "doc-2"])).to.deep.equal([
      nameless,
      aDocument("doc-1"),
      nameless,
    ]);
    expect(await documents.find("firm-a", [])).to.deep.equal([]);
  });

  it("do not exist for another firm", async () => {
    const { documents } = opened.store;
    await documents.add(aDocument("doc-1"));
    expect(await documents.find("firm-b", ["doc-1"])).to.deep.equal([]);
  });

  it("stay what they were when the same id comes again", async () => {
    const { documents } = opened.store;
    await documents.add(aDocument("doc-1"));
    await documents.add(aDocument("doc-1", { firmId: "firm-b", pages: 9 }));
    expect(await documents.find("firm-b", ["doc-1"])).to.deep.equal([]);
    expect(await documents.find("firm-a", ["doc-1"])).to.deep.equal([aDocument("doc-1")]);
  });

  it("share a transaction when they end at once", async () => {
    const documents = counted();
    const ids = Array.from({ length: 200 }, (_, i) => `doc-${i}`);
    await Promise.all(ids.map((id) => documents.add(aDocument(id))));
    expect(begun).to.be.below(3);
    expect(await documents.find("firm-a", ids)).to.have.length(200);
  });

  it("fail alone: those that come after a transaction that could not begin are kept", async () => {
    failures = 1;
    const documents = counted();
    const early = [documents.add(aDocument("doc-1")), documents.add(aDocument("doc-2"))];
    expect((await Promise.allSettled(early)).map(({ status }) => status)).to.deep.equal([
      "rejected",
      "rejected",
    ]);
    await documents.add(aDocument("doc-3"));
    const found = await documents.find("firm-a", ["doc-1", "doc-2", "doc-3"]);
    expect(found.map(({ id }) => id)).to.deep.equal(["doc-3"]);
  });
});

describe("blobs", () => {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await openTemporaryStore();
  });
  afterEach(() => opened.close());
  const bytes = Buffer.from("%PDF-1.7 and the rest");
  const sha256 = createHash("sha256").update(bytes).digest("hex");

  it("are read back whole once adopted, and the temporary file is gone", async () => {
    const { blobs } = opened.store;
    for (let twice = 0; twice < 2; twice++) {
      const path = blobs.temporaryPath();
      await writeFile(path, bytes);
      await blobs.adopt(path, sha256);
      expect(await thrownBy(stat(path))).to.have.property("code", "ENOENT");
    }
    const { stream, bytes: size } = await blobs.open(sha256);
    expect(Buffer.concat(await stream.toArray())).to.deep.equal(bytes);
    expect(size).to.equal(bytes.length);
    expect((await stat((await blobs.borrow(sha256)).path)).size).to.equal(bytes.length);
  });

  it("in two parts are one document, that a removal half-way through a download does not cut short", async () => {
    const { blobs } = opened.store;
    const path = blobs.temporaryPath();
    await mkdir(path);
    // More than a stream reads ahead.
    const [base, rest] = [randomBytes(1 << 20), randomBytes(1 << 20)];
    await writeFile(join(path, "base"), base);
    await writeFile(join(path, "rest"), rest);
    const name = createHash("sha256").update(base).update(rest).digest("hex");
    await blobs.adopt(path, name);
    const { stream, bytes: size } = await blobs.open(name);
    expect(size).to.equal(base.length + rest.length);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) {
      if (chunks.push(chunk as Buffer) === 1) await blobs.remove(name);
    }
    expect(Buffer.concat(chunks).equals(Buffer.concat([base, rest]))).to.equal(true);
    expect(await thrownBy(blobs.open(name))).to.have.property("code", "blob_missing");
  });

  it("hold no file open once they were read, given up half-way, or never read", async function () {
    if (process.platform !== "linux") return this.skip();
    const { blobs } = opened.store;
    const path = blobs.temporaryPath();
    await writeFile(path, bytes);
    await blobs.adopt(path, sha256);
    const file = await realpath((await blobs.borrow(sha256)).path);
    const held = async () => {
      const fds = await readdir("/proc/self/fd");
      const files = await Promise.all(fds.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
      return files.filter((one) => one === file).length;
    };
    const streams = await Promise.all([1, 2, 3].map(async () => (await blobs.open(sha256)).stream));
    expect(await held()).to.equal(3);
    await streams[0]?.toArray();
    for await (const _ of streams[1] ?? []) break;
    streams[2]?.destroy();
    while ((await held()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it("that are missing are said to be, and may be removed", async () => {
    const { blobs } = opened.store;
    await blobs.remove(sha256);
    expect(await thrownBy(blobs.open(sha256))).to.have.property("code", "blob_missing");
  });

  it("forget a temporary file that is discarded, and one that never was", async () => {
    const { blobs } = opened.store;
    const path = blobs.temporaryPath();
    await writeFile(path, bytes);
    for (let twice = 0; twice < 2; twice++) await blobs.discard(path);
    expect(await thrownBy(stat(path))).to.have.property("code", "ENOENT");
  });

  it("forget what a killed process left an hour ago, and nothing younger", async () => {
    const folder = join(opened.folder, "blobs");
    const temporary = join(folder, "temporary");
    await writeFile(join(temporary, "old"), bytes);
    await writeFile(join(temporary, "young"), bytes);
    const longAgo = Date.now() / 1000 - 3700;
    await utimes(join(temporary, "old"), longAgo, longAgo);
    await openBlobs(folder);
    expect(await readdir(temporary)).to.deep.equal(["young"]);
  });
});
