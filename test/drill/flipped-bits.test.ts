import { readFileSync } from "node:fs";
import { expect } from "chai";
import { createSignAtLevel } from "../../src/actors/effects/sign-at-level.ts";
import { type Folder, temporaryFolder, writeLetter } from "../workers/letters.ts";
import { createTrust, inThisThread } from "../workers/levels/trust.ts";
import { unnoticedFlips } from "./flipped-bits.ts";

const start = Date.parse("2026-11-23T13:05:00.400Z");

// By hand, with more tries: node dist/test/drill/flipped-bits.js --trust CA.pem --tries 10000 FILE
describe("one bit turned in a document signed twice", function () {
  this.timeout(60_000);
  let folder: Folder;
  before(() => {
    folder = temporaryFolder();
  });
  after(() => folder.remove());

  for (const level of ["B-T", "B-LT", "B-LTA"] as const) {
    it(`is always noticed at ${level}, in what no digest covers too`, async () => {
      const trust = createTrust({ now: () => start });
      const { tsa, revocation, rootDer } = trust;
      const anchors = async () => [rootDer];
      const signAtLevel = createSignAtLevel({ pool: inThisThread, tsa, revocation, anchors });
      await writeLetter(folder.path(`${level}-0.pdf`), true);
      for (const [step, name] of ["Alice", "Bob"].entries()) {
        const [path, outPath] = [step, step + 1].map((n) => folder.path(`${level}-${n}.pdf`)) as [
          string,
          string,
        ];
        const task = { path, outPath, signer: trust.client(name), signingTime: start, name };
        expect(await signAtLevel(task, level, { complete: step === 1 })).to.include({ ok: true });
      }
      const file = readFileSync(folder.path(`${level}-2.pdf`));
      const first = readFileSync(folder.path(`${level}-1.pdf`)).length;
      const options = { trustDer: [rootDer] };
      expect(unnoticedFlips(file, options, { tries: 150, seed: 1 })).to.deep.equal([]);
      expect(unnoticedFlips(file, options, { tries: 300, seed: 2, from: first })).to.deep.equal([]);
      // The last table, trailer and end, which no digest covers at B-LT.
      const from = file.length - 500;
      expect(unnoticedFlips(file, options, { tries: 300, seed: 3, from })).to.deep.equal([]);
    });
  }
});
