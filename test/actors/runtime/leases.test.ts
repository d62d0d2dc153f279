import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import sinon from "sinon";
import { createLeases } from "../../../src/actors/runtime/leases.ts";
import { aLog } from "./ledger.ts";

const leaseMs = 30;

describe("the leases of what is in hand", () => {
  function aKeeper(renew: (ids: string[]) => Promise<void> = async () => undefined, length = leaseMs) {
    const renewals: string[][] = [];
    const log = aLog();
    const committer = {
      renew(given: { id: string }[]) {
        const ids = given.map(({ id }) => id);
        renewals.push(ids);
        return renew(ids);
      },
    };
    return { ...createLeases({ committer, log, leaseMs: length }), renewals, log };
  }

  async function until(isSo: () => boolean): Promise<void> {
    for (let tries = 0; tries < 400 && !isSo(); tries++) await sleep(5);
    expect(isSo()).to.equal(true);
  }

  it("are prolonged together, again and again, until they are let go", async () => {
    const { keep, renewals } = aKeeper();
    const first = keep({ id: "e-1", attempts: 1 });
    const second = keep({ id: "e-2", attempts: 1 });
    await until(() => renewals.length >= 2);
    expect(renewals[0]).to.deep.equal(["e-1", "e-2"]);
    second();
    const before = renewals.length;
    await until(() => renewals.length > before);
    expect(renewals.at(-1)).to.deep.equal(["e-1"]);
    first();
    const after = renewals.length;
    await sleep(3 * leaseMs);
    expect(renewals.length).to.equal(after);
  });

  it("are no longer prolonged when an act hangs", async () => {
    const time = sinon.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { keep, renewals } = aKeeper(undefined, 30_000);
      const letGo = keep({ id: "hangs", attempts: 1 });
      await time.tickAsync(560_000);
      expect(renewals.at(-1)).to.deep.equal(["hangs"]);
      await time.tickAsync(40_000);
      const other = keep({ id: "fresh", attempts: 1 });
      await time.tickAsync(10_000);
      expect(renewals.at(-1)).to.deep.equal(["fresh"]);
      letGo();
      other();
    } finally {
      time.restore();
    }
  });

  it("are tried again when the store was away", async () => {
    let isAway = true;
    const { keep, renewals, log } = aKeeper(async () => {
      if (isAway) throw Object.assign(new Error("away"), { code: "store_unavailable" });
    });
    const letGo = keep({ id: "e-1", attempts: 1 });
    await until(() => renewals.length >= 1);
    isAway = false;
    await until(() => renewals.length >= 2);
    letGo();
    expect(log.lines[0]).to.equal('warn leases not prolonged {"code":"store_unavailable","leases":1}');
  });
});
