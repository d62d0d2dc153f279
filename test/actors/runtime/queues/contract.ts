import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { Terminal } from "../../../../src/actors/runtime/errors.ts";
import type { Bench } from "./bench.ts";
import { until } from "./bench.ts";

/** What the engine asks of its queues of hints, on whatever they run. */
export function hintQueueContract(open: () => Bench): void {
  let bench: Bench;
  beforeEach(() => {
    bench = open();
  });
  afterEach(() => bench.close());

  it("gives the same queue for the same name", async () => {
    const queues = bench.queues();
    expect(queues.queue(bench.name)).to.equal(queues.queue(bench.name));
    await queues.ready();
  });

  it("gives the hints of one key to the handler in order, with id, name and data", async () => {
    const queue = bench.queues().queue(bench.name);
    const seen: unknown[] = [];
    await queue.add("wake", { part: 1 }, { key: "k" });
    await queue.addAll([
      { name: "wake", data: { part: 2 }, options: { key: "k" } },
      { name: "effect", data: { id: "e1" }, options: { key: "k", jobId: "e1" } },
    ]);
    await queue.work(async (job) => void seen.push(job), { concurrency: 1 });
    await until(() => seen.length === 3);
    expect(seen).to.deep.equal([
      { id: "1", name: "wake", data: { part: 1 } },
      { id: "2", name: "wake", data: { part: 2 } },
      { id: "e1", name: "effect", data: { id: "e1" } },
    ]);
    expect(await queue.counts()).to.deep.equal({
      waiting: 0,
      active: 0,
      delayed: 0,
      failed: 0,
      completed: 0,
    });
  });

  it("gives hints of many keys, each once, and never more at once than asked", async () => {
    const queue = bench.queues().queue(bench.name);
    const names = Array.from({ length: 60 }, (_, n) => `effect-${n}`);
    let running = 0;
    let most = 0;
    const seen: string[] = [];
    await queue.addAll(names.map((name) => ({ name, data: {}, options: { key: name } })));
    expect((await queue.counts()).waiting).to.equal(60);
    await queue.work(
      async ({ name }) => {
        running += 1;
        most = Math.max(most, running);
        await sleep(5);
        running -= 1;
        seen.push(name);
      },
      { concurrency: 2 },
    );
    await until(async () => seen.length >= 60 && (await queue.counts()).active === 0);
    expect(seen).to.have.members(names);
    expect(most).to.equal(2);
  });

  it("counts hints by state, prioritized ones as waiting", async () => {
    const queue = bench.queues().queue(bench.name);
    await queue.add("wake", {});
    await queue.add("wake", {}, { priority: 3 });
    await queue.add("wake", {}, { delayMs: 60_000 });
    expect(await queue.counts()).to.deep.equal({
      waiting: 2,
      active: 0,
      delayed: 1,
      failed: 0,
      completed: 0,
    });
  });

  it("runs a delayed hint when it is due, and not before", async () => {
    const queue = bench.queues().queue(bench.name);
    let ranAt = 0;
    await queue.work(
      async () => {
        ranAt = Date.now();
      },
      { concurrency: 1 },
    );
    const addedAt = Date.now();
    await queue.add("wake", {}, { delayMs: 200 });
    await until(() => ranAt > 0);
    expect(ranAt - addedAt).to.be.within(200, 1_000);
  });

  it("takes one hint for all that wait with the same deduplication id, and one more for those that come while it runs", async () => {
    const queue = bench.queues().queue(bench.name);
    const options = { deduplicationId: "part-1", keepLastIfActive: true };
    const seen: unknown[] = [];
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    for (let n = 1; n <= 3; n += 1) await queue.add("wake", { n }, options);
    await queue.work(
      async ({ data }) => {
        seen.push(data);
        await held;
      },
      { concurrency: 4 },
    );
    await until(() => seen.length === 1);
    for (let n = 4; n <= 6; n += 1) await queue.add("wake", { n }, options);
    await sleep(30);
    expect(seen).to.deep.equal([{ n: 1 }]);
    letGo();
    await until(() => seen.length === 2);
    await until(async () => (await queue.counts()).active === 0);
    expect(seen).to.deep.equal([{ n: 1 }, { n: 6 }]);
    await queue.add("wake", { n: 7 }, options);
    await until(() => seen.length === 3);
  });

  it("tries a failing hint again as often as asked, and keeps its code but not its words", async () => {
    const queue = bench.queues().queue(bench.name);
    const triedAt: number[] = [];
    await queue.work(
      async () => {
        triedAt.push(Date.now());
        throw Object.assign(new Error("the code 123456 is for alice"), { code: "smtp_away" });
      },
      { concurrency: 1 },
    );
    await queue.add("effect", {}, { attempts: 2 });
    await until(async () => (await queue.counts()).failed === 1);
    const [first = 0, second = 0, ...others] = triedAt;
    expect(others).to.deep.equal([]);
    expect(second - first).to.be.at.least(495);
    const [failed] = (await Promise.all(queue.bulls.map((bull) => bull.getFailed()))).flat();
    expect(failed?.failedReason).to.equal("smtp_away");
    expect(JSON.stringify(failed)).to.not.contain("123456");
    expect(failed?.stacktrace?.join("")).to.contain("at ");
    expect(bench.logged.join("\n")).to.contain("smtp_away").and.not.contain("123456");
  });

  it("does not try again what fails for good", async () => {
    const queue = bench.queues().queue(bench.name);
    let tries = 0;
    await queue.work(
      async () => {
        tries += 1;
        throw new Terminal("no_such_address");
      },
      { concurrency: 1 },
    );
    await queue.add("effect", {}, { attempts: 5 });
    await until(async () => (await queue.counts()).failed === 1);
    expect(tries).to.equal(1);
  });

  it("keeps the last 100 failures", async () => {
    const queue = bench.queues().queue(bench.name);
    let tries = 0;
    await queue.addAll(Array.from({ length: 120 }, () => ({ name: "effect", data: {} })));
    await queue.work(
      async () => {
        tries += 1;
        throw new Error("no");
      },
      { concurrency: 10 },
    );
    await until(async () => tries === 120 && (await queue.counts()).active === 0);
    expect((await queue.counts()).failed).to.equal(100);
  });

  it("takes a hint with the id of one that failed", async () => {
    const queue = bench.queues().queue(bench.name);
    let tries = 0;
    await queue.work(
      async () => {
        tries += 1;
        throw new Error("no");
      },
      { concurrency: 1 },
    );
    await queue.add("effect", {}, { jobId: "e1" });
    await until(async () => tries === 1 && (await queue.counts()).active === 0);
    await queue.add("effect", {}, { jobId: "e1" });
    await until(() => tries === 2);
  });

  it("closes a worker once its running handlers have ended, and takes nothing more", async () => {
    const queue = bench.queues().queue(bench.name);
    const events: string[] = [];
    const worker = await queue.work(
      async () => {
        events.push("begun");
        await sleep(100);
        events.push("ended");
      },
      { concurrency: 1 },
    );
    await queue.addAll([
      { name: "effect", data: {} },
      { name: "effect", data: {} },
    ]);
    await until(() => events.length === 1);
    await Promise.all([worker.close(), worker.close()]);
    events.push("closed");
    await sleep(50);
    expect(events).to.deep.equal(["begun", "ended", "closed"]);
    expect(await queue.counts()).to.include({ waiting: 1, active: 0 });
  });

  it("closes idle workers at once", async () => {
    const queues = bench.queues();
    await queues.queue(bench.name).work(async () => undefined, { concurrency: 8 });
    await sleep(50);
    const begunAt = Date.now();
    await Promise.all([queues.close(), queues.close()]);
    expect(Date.now() - begunAt).to.be.below(1_500);
  });

  it("shares 10,000 hints between two workers, each hint once", async function () {
    this.timeout(30_000);
    const queues = bench.queues();
    const queue = queues.queue(bench.name);
    const seen = new Map<unknown, number>();
    const shares = [0, 0];
    for (let batch = 0; batch < 10; batch += 1) {
      const hints = Array.from({ length: 1_000 }, (_, n) => ({
        name: "effect",
        data: { n: batch * 1_000 + n },
      }));
      await queue.addAll(hints);
    }
    for (const worker of [0, 1]) {
      await queue.work(
        async ({ data }) => {
          const { n } = data as { n: number };
          seen.set(n, (seen.get(n) ?? 0) + 1);
          shares[worker] = (shares[worker] ?? 0) + 1;
        },
        { concurrency: 5 },
      );
    }
    await until(() => (shares[0] ?? 0) + (shares[1] ?? 0) >= 10_000, 25_000);
    await until(async () => (await queue.counts()).active === 0);
    expect(seen.size).to.equal(10_000);
    expect([...new Set(seen.values())]).to.deep.equal([1]);
    expect(Math.min(...shares)).to.be.above(500);
  });
}
