import { expect } from "chai";
import { judgeEvidence, judgeRecord } from "../../src/proof/judge-file.ts";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { verifySource } from "../../src/workers/verify-document.ts";
import { type EvidenceBench, openEvidenceBench } from "../proof/evidence-bench.ts";
import { morning } from "../support/collecte-builder.ts";
import { evidenceSubject, type Subject, unfoundEdits } from "./evidence-edits.ts";

// By hand, with more tries: node dist/test/drill/evidence-edits.js --tries 10000
describe("an evidence file edited at random", function () {
  this.timeout(60_000);
  let bench: EvidenceBench;
  let subject: Subject;

  before(async () => {
    bench = await openEvidenceBench({ at: morning });
    subject = await evidenceSubject(bench);
  });
  after(() => bench.close());

  it("passes as it is, and so does its record under its root", () => {
    const { file, path, trustDer, text } = subject;
    const report = verifySource(bytesSource(file), { trustDer, at: morning });
    const judged = [judgeEvidence(path, file, report), judgeRecord(text, trustDer)];
    const checks = judged.flatMap((one) => one.checks);
    expect(checks.flatMap(({ problems, open = [] }) => [...problems, ...open])).to.deep.equal([]);
    expect(checks.map(({ check }) => check)).to.include.members([
      "seal",
      "sealer",
      "record",
      "pages",
      "inclusion",
    ]);
  });

  it("is found each time: by its seal, by its chain, and, where the chain was made anew, by the hourly root", () => {
    expect(unfoundEdits(subject, { tries: 400, seed: 7 })).to.deep.equal([]);
  });
});
