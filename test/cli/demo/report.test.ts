import { expect } from "chai";
import { type DemoResult, hasFailed, report } from "../../../src/cli/demo/report.ts";

const good: DemoResult = {
  folder: "/out",
  collectes: 2,
  contacts: 2,
  completed: 2,
  signatures: 6,
  parapheur: { documents: 2, codes: 1 },
  seconds: 2,
  verified: ["/out/signed/a.pdf", "/out/signed/b.pdf"],
  evidence: { files: 3, verified: 3 },
  scenes: [{ name: "refusal", isAsTold: true, outcome: "refused" }],
  doubles: { mails: 0, smses: 0 },
};

describe("the report of the demo", () => {
  it("is good when all was played and all verifies", () => {
    expect(hasFailed(good)).to.equal(false);
    expect(report(good)).to.contain("2 documents with one code");
  });

  for (const [what, change] of [
    ["a contact was not imported", { contacts: 1 }],
    ["a collecte was not completed", { completed: 1 }],
    ["the expert signed less than all", { parapheur: { documents: 1, codes: 1 } }],
    ["a PDF doesn't verify", { verified: ["/out/signed/a.pdf"] }],
    ["an evidence file is missing", { evidence: { files: 2, verified: 2 } }],
    ["an evidence file doesn't verify", { evidence: { files: 3, verified: 2 } }],
    ["a scene ended otherwise", { scenes: [{ name: "refusal", isAsTold: false, outcome: "launched" }] }],
  ] as [string, Partial<DemoResult>][])
    it(`is a failure when ${what}`, () => {
      expect(hasFailed({ ...good, ...change })).to.equal(true);
    });

  it("says what went wrong", () => {
    const scenes = [{ name: "refusal" as const, isAsTold: false, outcome: "launched" }];
    expect(report({ ...good, scenes })).to.match(/refusal +WRONG: launched/);
  });
});
