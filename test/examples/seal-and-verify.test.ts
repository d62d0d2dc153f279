import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { ran } from "../support/programs.ts";
import { type Folder, temporaryFolder, writeLetter } from "../workers/letters.ts";

const example = fileURLToPath(new URL("../../examples/seal-and-verify.js", import.meta.url));

describe("the example that seals and verifies", function () {
  this.timeout(60_000);
  let folder: Folder;
  before(() => {
    folder = temporaryFolder();
  });
  after(() => folder.remove());

  it("seals a letter visibly at B-LTA, and finds it good", async () => {
    await writeLetter(folder.path("letter.pdf"), true);
    const { status, stdout, stderr } = await ran(process.execPath, [
      example,
      folder.path("letter.pdf"),
      folder.path("sealed"),
    ]);
    expect(status, stderr).to.equal(0);
    expect(stdout).to.contain("letter.pdf: TOTAL-PASSED, B-LTA");
  });
});
