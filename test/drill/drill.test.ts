import { expect } from "chai";
import { drill } from "./drill.ts";
import { type Fault, planOf, type Setting, usualRun } from "./plan.ts";
import { type Plant, plants } from "./plants.ts";
import { points } from "./points.ts";
import { isClean } from "./report.ts";
import { rollingRestarts } from "./rolling-restarts.ts";
import type { RunReport } from "./run.ts";

const kill: Fault = { afterMs: 500, kind: "kill", engine: 0, downMs: 100 };
const killBeforeCommit: Fault = {
  afterMs: 200,
  kind: "failpoint",
  failpoint: { point: "journal.commit.before", nth: 3, blow: "kill" },
  downMs: 0,
};

describe("the crash drill", function () {
  this.timeout(240_000);

  /** A short plan of that seed in that setting, with these faults and not those of chance. */
  async function drilled(
    setting: Setting,
    seed: number,
    faults: Fault[],
    plant?: Plant,
  ): Promise<RunReport[]> {
    const usual = planOf(seed, { ...usualRun, settings: [setting] });
    const parts = usual.parts.slice(0, 3).map((part, i) => ({ ...part, startMs: 400 * i }));
    return drill({
      settings: [setting],
      plans: (possible) => (possible.length > 0 ? [{ ...usual, parts, faults }] : []),
      atOnce: 1,
      // Who waits for what an engine has forgotten waits that long.
      ...(plant && { plant, limitMs: 12_000 }),
    });
  }

  it("plans the same for the same seed", () => {
    expect(planOf(7)).to.deep.equal(planOf(7));
    expect(planOf(7)).not.to.deep.equal(planOf(8));
  });

  it("plans to strike at every point, in every setting, in every way", () => {
    const plans = Array.from({ length: 200 }, (_, i) => planOf(i + 1));
    const faults = plans.flatMap((plan) => plan.faults);
    const struck = faults.flatMap((fault) => (fault.kind === "failpoint" ? [fault.failpoint] : []));
    expect(new Set(struck.map(({ point }) => point)).size).to.equal(points.length);
    expect(new Set(struck.map(({ blow }) => blow)).size).to.equal(3);
    expect(new Set(faults.map(({ kind }) => kind)).size).to.equal(5);
    expect(new Set(plans.map(({ setting }) => setting)).size).to.equal(3);
  });

  it("finds nothing lost, doubled or reordered on SQLite", async () => {
    const [report] = await drilled("sqlite", 1, [kill, killBeforeCommit]);
    expect(report?.verdict).to.deep.equal({ lost: [], doubled: [], reordered: [], strange: [] });
    expect(report?.deeds.kills).to.be.at.least(1);
    expect(report?.told.ok).to.be.above(10);
    expect(report?.reached.length).to.be.above(40);
  });

  it("finds nothing on PostgreSQL and Redis, though Redis forgets", async function () {
    const faults: Fault[] = [
      { afterMs: 0, kind: "flush" },
      { afterMs: 100, kind: "aof", share: 0.3 },
      killBeforeCommit,
    ];
    const [report] = await drilled("postgres+redis", 2, faults);
    if (!report) return this.skip();
    expect(report.verdict).to.deep.equal({ lost: [], doubled: [], reordered: [], strange: [] });
    expect(report.deeds.flushes + report.deeds.aofCuts).to.be.at.least(1);
  });

  for (const plant of plants) {
    it(`sees an engine that lies: ${plant}`, async () => {
      const [report] = await drilled("sqlite", 3, [], plant);
      expect(report && isClean(report.verdict)).to.equal(false);
      expect(report?.verdict[plant]).not.to.deep.equal([]);
    });
  }

  it("finds nothing when two engines are restarted in turn", async function () {
    const report = await rollingRestarts({ restarts: 4, atOnce: 2 });
    if (!report) return this.skip();
    expect(report.verdict).to.deep.equal({ lost: [], doubled: [], reordered: [], strange: [] });
    expect(report.collectes).to.be.at.least(2);
    expect(report.slowestStopMs).to.be.below(30_000);
  });
});
