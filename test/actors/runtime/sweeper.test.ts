import { expect } from "chai";
import sinon from "sinon";
import { startSweeper } from "../../../src/actors/runtime/sweeper.ts";
import { aBench, aLog, enter } from "./ledger.ts";

const everyMs = 1000;

describe("the sweeper", () => {
  let time: sinon.SinonFakeTimers;
  beforeEach(() => {
    time = sinon.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => time.restore());

  /** Lets promises and immediates that are on their way arrive. */
  async function settled(): Promise<void> {
    for (let i = 0; i < 20; i++) await new Promise(setImmediate);
  }

  function swept({ dueParts }: { dueParts?: () => Promise<number[]> } = {}) {
    const bench = aBench({ leaseMs: 5000 });
    const log = aLog();
    const woken: number[][] = [];
    const sweeper = startSweeper({
      reads: { ...bench.reads, ...(dueParts && { dueParts }) },
      committer: bench.committer,
      clock: bench.clock,
      log,
      wake: (parts) => {
        woken.push(parts);
        bench.committer.wake(parts);
      },
      everyMs,
      mailboxLimit: 1000,
    });
    return { ...bench, log, woken, sweeper };
  }

  it("sweeps at once, and again at each turn", async () => {
    let sweeps = 0;
    const dueParts = async () => {
      sweeps++;
      return [];
    };
    const { sweeper } = swept({ dueParts });
    await settled();
    expect(sweeps).to.equal(1);
    for (let i = 0; i < 3; i++) {
      await time.tickAsync(everyMs);
      await settled();
    }
    expect(sweeps).to.equal(4);
    await sweeper.stop();
    await time.tickAsync(10 * everyMs);
    await settled();
    expect(sweeps, "none after its end").to.equal(4);
  });

  it("finds mail again whose hint was lost, when it is due", async () => {
    const { sweeper, committer, clock, woken, entriesOf, tables } = swept();
    await committer.accept(enter("actor", "poison", { entry: { breaks: "decide" } }));
    await time.tickAsync(everyMs);
    await settled();
    expect(woken).to.deep.equal([]);
    clock.advance(2000);
    await time.tickAsync(everyMs);
    await settled();
    expect(woken).to.have.length(1);
    expect(tables.mailbox.values().map(({ attempts }) => attempts)).to.deep.equal([2]);
    expect(entriesOf("actor")).to.deep.equal([]);
    await sweeper.stop();
  });

  it("leases effects again whose job was lost, when the lease has run out", async () => {
    const { sweeper, committer, clock, claimed } = swept();
    await committer.accept(enter("actor", "w", { entry: { orders: ["mail"] } }));
    await time.tickAsync(everyMs);
    await settled();
    expect(claimed.map(({ attempts }) => attempts)).to.deep.equal([1]);
    clock.advance(5000);
    await time.tickAsync(everyMs);
    await settled();
    expect(claimed.map(({ attempts }) => attempts)).to.deep.equal([1, 2]);
    await sweeper.stop();
  });

  it("survives reads that fail, and says so in its log", async () => {
    let sweeps = 0;
    const { sweeper, log, woken } = swept({
      dueParts: async () => {
        sweeps++;
        if (sweeps < 3) throw Object.assign(new Error("no"), { code: "SQLITE_IOERR" });
        return [7];
      },
    });
    for (let i = 0; i < 3; i++) {
      await settled();
      await time.tickAsync(everyMs);
    }
    expect(log.lines).to.deep.equal([
      'error sweep failed {"code":"SQLITE_IOERR"}',
      'error sweep failed {"code":"SQLITE_IOERR"}',
    ]);
    expect(woken[0]).to.deep.equal([7]);
    await sweeper.stop();
  });

  it("ends the sweep in hand when it stops, and begins no other", async () => {
    let sweeps = 0;
    let release = (_parts: number[]) => {};
    const { sweeper, woken } = swept({
      dueParts: () => {
        sweeps++;
        return new Promise((resolve) => {
          release = resolve;
        });
      },
    });
    await settled();
    let stopped = false;
    const stop = sweeper.stop().then(() => {
      stopped = true;
    });
    await settled();
    expect(stopped).to.equal(false);
    release([3]);
    await stop;
    await time.tickAsync(10 * everyMs);
    await settled();
    expect([sweeps, woken]).to.deep.equal([1, [[3]]]);
    await sweeper.stop();
  });
});
