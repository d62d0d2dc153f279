import { randomBytes } from "node:crypto";
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { Retryable } from "../../../src/actors/runtime/errors.ts";
import type { Blobs } from "../../../src/actors/runtime/ports.ts";
import { openBlobs } from "../../../src/store/blobs.ts";
import { temporaryFolder } from "../../support/folders.ts";
import { thrownBy } from "../../support/thrown.ts";
import { adopted, adoptedInTwo, read, sha256Of } from "./contract.ts";

const hour = 3_600_000;

describe("documents in a folder", () => {
  let folder: string;
  let blobs: Blobs;
  let clock: number;
  beforeEach(async () => {
    folder = await temporaryFolder();
    clock = Date.now();
    blobs = await openBlobs(folder, () => clock);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("that are adopted again while a sweep asks who names them stay, in one part or in two", async () => {
    const [base, rest] = [randomBytes(5_000), randomBytes(500)];
    const whole = Buffer.concat([base, rest]);
    for (const again of [() => adopted(blobs, whole), () => adoptedInTwo(blobs, base, rest)]) {
      const sha256 = await adoptedInTwo(blobs, base, rest);
      clock = Date.now() + 2 * hour;
      const meanwhile = async () => {
        await again();
        return new Set<string>();
      };
      expect(await blobs.sweep(meanwhile, hour)).to.equal(0);
      expect(sha256Of(await read(blobs, sha256))).to.equal(sha256);
      expect(await readdir(join(folder, "temporary"))).to.deep.equal([]);
      await blobs.remove(sha256);
    }
  });

  it("are swept once by two who sweep at once", async () => {
    for (let i = 0; i < 20; i++) await adopted(blobs);
    clock += 2 * hour;
    const other = await openBlobs(folder, () => clock);
    const counts = await Promise.all([blobs, other].map((one) => one.sweep(async () => new Set(), hour)));
    expect((counts[0] ?? 0) + (counts[1] ?? 0)).to.equal(20);
    expect(await readdir(join(folder, "temporary"))).to.deep.equal([]);
  });

  it("that a killed process left half made go with a sweep, an hour later; its next start may be months away", async () => {
    const path = blobs.temporaryPath();
    await writeFile(path, "an evidence file in the clear");
    await blobs.sweep(async () => new Set(), hour);
    expect(await readdir(join(folder, "temporary")), "somebody may be writing it").to.have.length(1);
    clock += hour + 1_000;
    await blobs.sweep(async () => new Set(), hour);
    expect(await readdir(join(folder, "temporary"))).to.deep.equal([]);
  });

  it("are not called missing when it is the disk that is", async () => {
    const sha256 = await adopted(blobs);
    await rename(folder, `${folder}-away`);
    try {
      expect(await thrownBy(blobs.borrow(sha256)))
        .to.be.instanceOf(Retryable)
        .and.to.have.property("code", "file_inaccessible");
    } finally {
      await rename(`${folder}-away`, folder);
    }
  });
});
