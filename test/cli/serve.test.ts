import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { temporaryFolder } from "../support/folders.ts";
import { ran } from "../support/programs.ts";

const program = fileURLToPath(new URL("../../src/cli/main.js", import.meta.url));

describe("serve", function () {
  this.timeout(30_000);

  it("ends with one line that names DATABASE_URL, without its password, when no database answers", async () => {
    const folder = await temporaryFolder();
    const env = {
      COLLECTE_DATA: folder,
      COLLECTE_PORT: "0",
      DATABASE_URL: "postgres://collecte:hush-hush@127.0.0.1:1/signatures",
    };
    const { status, stdout, stderr } = await ran(process.execPath, [program, "serve"], { env });
    expect(status).to.equal(1);
    expect(stderr).to.match(/^DATABASE_URL: PostgreSQL at 127\.0\.0\.1:1\/signatures does not answer.*\n$/);
    expect(stdout + stderr).not.to.contain("hush-hush");
    await rm(folder, { recursive: true });
  });
});
