import { expect } from "chai";
import { inPurgeScene, purgeStruckAt } from "../drill/purge-drill.ts";

describe("a purge whose engine is killed with -9 once the first file is gone", function () {
  this.timeout(120_000);

  it("is ended by the next engine: its documents are served to nobody, those of others and the evidence stay", async () => {
    const report = await inPurgeScene((scene) =>
      purgeStruckAt(scene, { point: "blobs.remove.after", nth: 1, blow: "kill" }),
    );
    expect(report).to.deep.equal({
      point: "blobs.remove.after",
      hasStruck: true,
      served: [200, 410],
      told: { begun: 1, purged: 1, removed: 1, kept: 1 },
      ownIsThere: false,
      sharedIsThere: true,
      twin: "none",
      hasEvidence: true,
    });
  });
});
