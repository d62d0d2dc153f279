import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { openBlobs } from "../../../src/store/blobs.ts";
import { openS3Blobs } from "../../../src/store/s3/blobs.ts";
import { folderBlobs } from "../../support/folder-blobs.ts";
import { temporaryFolder } from "../../support/folders.ts";
import { sharedS3, type TestS3 } from "../../support/s3-server.ts";
import { blobsContract } from "./contract.ts";

describe("the documents of a fake", () => {
  blobsContract(
    async () => {
      const folder = await temporaryFolder();
      const [temporary, kept] = [join(folder, "temporary"), join(folder, "kept")];
      await Promise.all([mkdir(temporary), mkdir(kept)]);
      const clock = { instant: Date.now() };
      const blobs = folderBlobs(temporary, kept, () => clock.instant);
      const close = () => rm(folder, { recursive: true });
      return { blobs, clock, another: async () => blobs, close };
    },
    { takesFolders: false },
  );
});

describe("the documents of a folder", () => {
  blobsContract(async () => {
    const folder = await temporaryFolder();
    const clock = { instant: Date.now() };
    const another = () => openBlobs(folder, () => clock.instant);
    const close = () => rm(folder, { recursive: true });
    return { blobs: await another(), clock, another, close };
  });
});

describe("the documents of a bucket", function () {
  this.timeout(30_000);
  let s3: TestS3 | undefined;
  before(async function () {
    s3 = await sharedS3();
    if (!s3) this.skip();
  });

  blobsContract(async () => {
    const folder = await temporaryFolder();
    const clock = { instant: Date.now() };
    const place = (await s3?.bucket()) ?? (undefined as never);
    const options = { cacheFolder: folder, cacheBytes: 1 << 30, now: () => clock.instant };
    const opened = [openS3Blobs(place, options)];
    return {
      blobs: (opened[0] as (typeof opened)[number]).blobs,
      clock,
      async another() {
        const one = openS3Blobs(place, options);
        opened.push(one);
        return one.blobs;
      },
      async close() {
        await Promise.all(opened.map((one) => one.close()));
        await rm(folder, { recursive: true });
      },
    };
  });
});
