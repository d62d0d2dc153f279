import { readFileSync } from "node:fs";
import { expect } from "chai";
import { indicationOf, verdictOf, worstOf } from "../../src/workers/report/verdict.ts";

describe("an indication", () => {
  const table = [
    ...readFileSync("docs/verdicts.md", "utf8").matchAll(/^\| `(\w+)` \| ([A-Z]+[-A-Z/_]+) \|/gm),
  ];

  it("is what docs/verdicts.md says of each problem", () => {
    expect(table).to.have.length.above(40);
    for (const [, code = "", indication] of table) expect(indicationOf([code]), code).to.equal(indication);
  });

  it("is that of the first failure, or else of the first doubt", () => {
    expect(indicationOf([])).to.equal("TOTAL-PASSED");
    expect(indicationOf(["chain_untrusted", "digest_mismatch"])).to.equal("TOTAL-FAILED/HASH_FAILURE");
    expect(indicationOf(["forms_filled", "chain_untrusted"])).to.equal(
      "INDETERMINATE/SIG_CONSTRAINTS_FAILURE",
    );
  });

  it("is, for several, the gravest", () => {
    const passed = indicationOf([]);
    expect(
      worstOf([passed, indicationOf(["chain_untrusted"]), indicationOf(["signature_invalid"])]),
    ).to.equal("TOTAL-FAILED/SIG_CRYPTO_FAILURE");
    expect(verdictOf(worstOf([passed, indicationOf(["chain_untrusted"])]))).to.equal("INDETERMINATE");
  });
});
