import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { Blobs } from "../../../src/actors/runtime/ports.ts";
import { thrownBy } from "../../support/thrown.ts";

/** Blobs that are empty, on a clock of their own. */
export interface BlobsSubject {
  blobs: Blobs;
  clock: { instant: number };
  /** The same blobs as another process has them. */
  another(): Promise<Blobs>;
  close(): Promise<void>;
}

export const sha256Of = (...bytes: Uint8Array[]): string => {
  const hash = createHash("sha256");
  for (const one of bytes) hash.update(one);
  return hash.digest("hex");
};

export async function written(blobs: Blobs, bytes: Uint8Array): Promise<string> {
  const path = blobs.temporaryPath();
  await writeFile(path, bytes);
  return path;
}

export async function adopted(blobs: Blobs, bytes: Uint8Array = randomBytes(10_000)): Promise<string> {
  const sha256 = sha256Of(bytes);
  await blobs.adopt(await written(blobs, bytes), sha256);
  return sha256;
}

export async function adoptedInTwo(blobs: Blobs, base: Uint8Array, rest: Uint8Array): Promise<string> {
  const path = blobs.temporaryPath();
  await mkdir(path);
  await writeFile(join(path, "base"), base);
  await writeFile(join(path, "rest"), rest);
  const sha256 = sha256Of(base, rest);
  await blobs.adopt(path, sha256);
  return sha256;
}

export async function read(blobs: Blobs, sha256: string): Promise<Buffer> {
  const { stream, bytes } = await blobs.open(sha256);
  const all = Buffer.concat(await stream.toArray());
  expect(all.length).to.equal(bytes);
  return all;
}

const hour = 3_600_000;
const none = async () => new Set<string>();

/** What every place for documents does; a place that is made for tests need not take folders of two parts. */
export function blobsContract(open: () => Promise<BlobsSubject>, { takesFolders = true } = {}): void {
  let subject: BlobsSubject;
  let blobs: Blobs;
  beforeEach(async () => {
    subject = await open();
    blobs = subject.blobs;
  });
  afterEach(() => subject?.close());

  it("keep a document under its name, adopted twice or once, and take it from where it was made", async () => {
    const bytes = randomBytes(10_000);
    for (let twice = 0; twice < 2; twice++) {
      const path = await written(blobs, bytes);
      await blobs.adopt(path, sha256Of(bytes));
      expect(await thrownBy(stat(path))).to.have.property("code", "ENOENT");
    }
    expect((await read(blobs, sha256Of(bytes))).equals(bytes)).to.equal(true);
  });

  it("keep an empty document, and one of a megabyte", async () => {
    for (const bytes of [new Uint8Array(), randomBytes(1 << 20)]) {
      const sha256 = await adopted(blobs, bytes);
      expect((await read(blobs, sha256)).equals(bytes)).to.equal(true);
    }
  });

  if (takesFolders)
    it("take a document in two parts for one", async () => {
      const [base, rest] = [randomBytes(300_000), randomBytes(5_000)];
      const sha256 = await adoptedInTwo(blobs, base, rest);
      expect((await read(blobs, sha256)).equals(Buffer.concat([base, rest]))).to.equal(true);
      expect(sha256Of(await read(await subject.another(), sha256))).to.equal(sha256);
      // Also where it is a file already, or the other way round.
      expect(await adopted(blobs, Buffer.concat([base, rest]))).to.equal(sha256);
      expect(await adoptedInTwo(blobs, base, rest)).to.equal(sha256);
      expect(sha256Of(await read(blobs, sha256))).to.equal(sha256);
    });

  it("lend a document to who reads files, in every process", async () => {
    const bytes = randomBytes(10_000);
    const sha256 = await adopted(blobs, bytes);
    for (const one of [blobs, await subject.another()]) {
      const { path, release } = await one.borrow(sha256);
      expect((await readFile(path)).equals(bytes)).to.equal(true);
      await release();
      await release();
    }
  });

  it("say that a document is missing, which may be removed all the same", async () => {
    const sha256 = sha256Of(randomBytes(8));
    await blobs.remove(sha256);
    expect(await thrownBy(blobs.open(sha256))).to.have.property("code", "blob_missing");
    expect(await thrownBy(blobs.borrow(sha256))).to.have.property("code", "blob_missing");
  });

  it("forget what was removed, and take it again", async () => {
    const bytes = randomBytes(10_000);
    const sha256 = await adopted(blobs, bytes);
    for (let twice = 0; twice < 2; twice++) await blobs.remove(sha256);
    expect(await thrownBy(blobs.open(sha256))).to.have.property("code", "blob_missing");
    expect(await thrownBy(blobs.borrow(sha256))).to.have.property("code", "blob_missing");
    expect(await thrownBy((await subject.another()).open(sha256))).to.have.property("code", "blob_missing");
    await adopted(blobs, bytes);
    expect((await read(blobs, sha256)).equals(bytes)).to.equal(true);
  });

  it("let a download end that began before the removal", async () => {
    const bytes = randomBytes(1 << 20);
    const sha256 = await adopted(blobs, bytes);
    const { stream } = await blobs.open(sha256);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) if (chunks.push(chunk as Buffer) === 1) await blobs.remove(sha256);
    expect(Buffer.concat(chunks).equals(bytes)).to.equal(true);
  });

  it("forget a temporary document that is discarded, and one that never was", async () => {
    const path = await written(blobs, randomBytes(8));
    for (let twice = 0; twice < 2; twice++) await blobs.discard(path);
    expect(await thrownBy(stat(path))).to.have.property("code", "ENOENT");
  });

  it("give a temporary path that nobody else gets", async () => {
    const paths = Array.from({ length: 50 }, () => blobs.temporaryPath());
    expect(new Set(paths).size).to.equal(50);
    expect((await readdir(join(paths[0] ?? "", ".."))).length).to.equal(0);
  });

  it("sweep what nothing names once it is old enough, and nothing else", async () => {
    const [named, orphan, young] = [await adopted(blobs), await adopted(blobs), randomBytes(10_000)];
    const asked: string[] = [];
    const known = async (sha256s: readonly string[]) => {
      asked.push(...sha256s);
      return new Set(sha256s.filter((one) => one === named));
    };
    expect(await blobs.sweep(known, hour)).to.equal(0);
    expect(asked).to.deep.equal([]);
    subject.clock.instant += 2 * hour;
    expect(await blobs.sweep(known, hour)).to.equal(1);
    expect([...asked].sort()).to.deep.equal([named, orphan].sort());
    expect(await thrownBy(blobs.open(orphan))).to.have.property("code", "blob_missing");
    expect(sha256Of(await read(blobs, named))).to.equal(named);
    expect(await blobs.sweep(known, hour)).to.equal(0);
    expect(await blobs.sweep(async (sha256s) => new Set(sha256s), 0)).to.equal(0);
    expect(await adopted(blobs, young)).to.equal(sha256Of(young));
  });

  it("sweep nothing when nobody can say what is named", async () => {
    const sha256 = await adopted(blobs);
    subject.clock.instant += 2 * hour;
    const away = () => Promise.reject(new Error("the database is away"));
    expect(await thrownBy(blobs.sweep(away, hour))).to.have.property("message", "the database is away");
    expect(sha256Of(await read(blobs, sha256))).to.equal(sha256);
  });

  it("are empty once all was swept", async () => {
    await Promise.all([adopted(blobs), adopted(blobs), adopted(blobs)]);
    subject.clock.instant += 2 * hour;
    expect(await blobs.sweep(none, hour)).to.equal(3);
    expect(await blobs.sweep(none, hour)).to.equal(0);
  });
}
