import { expect } from "chai";
import { sweepRetention } from "../../../src/actors/cron/retention-sweep.ts";
import { Retryable } from "../../../src/actors/runtime/errors.ts";
import type { Blobs, Leaving, Retention } from "../../../src/actors/runtime/ports.ts";

const day = 24 * 3_600_000;
const now = Date.UTC(2027, 0, 31);

function scene(isHeld = false) {
  const stale = [{ id: "doc-1", firmId: "firm", sha256: "a" }];
  const asked: (string | number | Leaving)[] = [];
  const blobs: Pick<Blobs, "remove" | "has" | "sweep"> = {
    remove: async () => undefined,
    has: async () => false,
    sweep: async (_known, olderThanMs) => {
      asked.push(olderThanMs);
      return 3;
    },
  };
  const retention: Retention = {
    leave: async (leaving) => {
      asked.push(leaving);
      return { condemned: leaving.sha256s, kept: [] };
    },
    gone: async () => undefined,
    evidenceOf: async () => [],
    clear: async () => undefined,
    destroyKey: async () => undefined,
    named: async () => new Set(),
    staleUploads: async (before) => (before === now - 7 * day ? stale.splice(0) : []),
    leftovers: async () => ["b"],
    dropReceipts: async (before) => (before === now - 90 * day ? 5 : 0),
    forgetSessions: async (before) => (before === now - 90 * day ? 2 : 0),
    scrub: async () => {
      asked.push("scrub");
      throw new Retryable("checkpoint_busy");
    },
  };
  const warned: unknown[] = [];
  const log = {
    info: () => undefined,
    warn: (facts: object) => void warned.push(facts),
    error: () => undefined,
  };
  const rules = { uploadDays: 7, receiptDays: 90 };
  const clock = { now: () => now };
  const deps = { retention, blobs: blobs as Blobs, clock, rules, log, isHeld: async () => isHeld };
  return { deps, asked, warned };
}

describe("the hourly sweep of retention", () => {
  it("removes unused uploads, removals that were not ended, what nothing names and old receipts, then wipes", async () => {
    const { deps, asked, warned } = scene();
    expect(await sweepRetention(deps, now)).to.deep.equal({
      uploads: 1,
      leftovers: 1,
      unnamed: 3,
      receipts: 5,
      sessions: 2,
    });
    expect(asked).to.deep.equal([
      { uploads: ["doc-1"], sha256s: ["a"] },
      { uploads: [], sha256s: ["b"] },
      2 * day,
      "scrub",
    ]);
    expect(warned, "what could not be wiped is left to the next one").to.deep.equal([
      { code: "checkpoint_busy" },
    ]);
  });

  it("does nothing while the clock is in doubt", async () => {
    const { deps, asked } = scene(true);
    expect(await sweepRetention(deps, now)).to.equal(undefined);
    expect(asked).to.deep.equal([]);
  });
});
