import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "chai";
import { runCorpus } from "./corpus-run.ts";

const CORPUS = resolve("../shared/corpus");

describe("damaged and hostile files of others", function () {
  this.timeout(60_000);

  before(function () {
    if (existsSync(CORPUS)) return;
    console.warn(`SKIPPED: no corpus at ${CORPUS}`);
    this.skip();
  });

  it("are refused by a code, or mended and signed, and cost the engine little", async () => {
    const files = await runCorpus({ folder: CORPUS, kinds: ["damaged", "hostile"], programs: false });
    const failed = files.filter(({ outcome }) => outcome === "FAILED");
    expect(failed.map(({ name, detail }) => `${name}: ${detail}`)).to.deep.equal([]);
    expect(files.filter(({ outcome }) => outcome === "repaired+sealed")).to.have.length.above(2);
    const unread = files.filter(
      ({ code }) => code === "pdf_inspection_failed" || code === "pdf_inspection_timeout",
    );
    expect(unread.map(({ name }) => name)).to.deep.equal([]);
    expect(Math.max(...files.map(({ grownBytes }) => grownBytes))).to.be.below(100 * 1024 * 1024);
  });
});
