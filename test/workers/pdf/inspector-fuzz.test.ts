import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { createInspector } from "../../../src/workers/pdf/inspector.ts";
import { createTestPki } from "../pki.ts";
import { reallySigned } from "../real-signature.ts";
import { aDocument, aForm } from "./documents.ts";
import { mutated } from "./mutations.ts";

const LIMITS = { maxBytes: 10_000_000, maxPages: 500 };
// What the process itself could not say: it died, or did not end.
const UNSAID = ["pdf_inspection_failed", "pdf_inspection_timeout"];

describe("the inspector, given files with something wrong in them", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "collecte-fuzz-"));
  const inspector = createInspector({ wallMs: 5_000, cpuMs: 3_000 });

  after(async () => {
    await inspector.close();
    rmSync(folder, { recursive: true });
  });

  it("answers each by itself; what it mends it then accepts as it is, and it never mends what was signed", async () => {
    const plain = [await aDocument(), await aDocument({ objectStreams: true }), await aForm()];
    const signed = reallySigned(await aDocument(), createTestPki().member);
    const [path, to] = [join(folder, "upload.pdf"), join(folder, "rewritten.pdf")];
    const of = (neutralise: boolean) => async (bytes: Uint8Array) => {
      rmSync(to, { force: true });
      writeFileSync(path, bytes);
      const plain = await inspector.inspect(path, LIMITS);
      if (!plain.ok) expect(UNSAID).not.to.include(plain.code);
      // The library that mends may die of a file, which costs this file and the process only.
      const answer = await inspector.inspect(path, LIMITS, { to, neutralise });
      const isRewritten = answer.ok && answer.rewritten !== undefined;
      expect(existsSync(to)).to.equal(isRewritten);
      if (isRewritten) {
        expect(Buffer.from(bytes).includes("/ByteRange")).to.equal(false);
        const { rewritten: _, ...found } = answer;
        expect(await inspector.inspect(to, LIMITS)).to.deep.equal(found);
      }
    };
    const runs = { numRuns: 150 };
    await fc.assert(fc.asyncProperty(mutated([...plain, signed]), of(false)), runs);
    await fc.assert(fc.asyncProperty(mutated(plain), of(true)), runs);
  });
});
