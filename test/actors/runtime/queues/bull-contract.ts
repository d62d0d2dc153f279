import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "bullmq";
import { expect } from "chai";
import type { Bench } from "./bench.ts";
import { until } from "./bench.ts";

/** What BullMQ's own classes must find in a backend: jobs and their ways through the states. */
export function bullContract(open: () => Bench): void {
  let bench: Bench;
  beforeEach(() => {
    bench = open();
  });
  afterEach(() => bench.close());

  const namesSeen = async (count: number, concurrency = 1): Promise<string[]> => {
    const seen: string[] = [];
    bench.worker(async (job) => void seen.push(job.name), { concurrency });
    await until(() => seen.length >= count);
    return seen;
  };

  it("runs jobs first in first out, lifo ones before, prioritized ones after by priority", async () => {
    const queue = bench.queue();
    await queue.add("low", {}, { priority: 9 });
    await queue.add("high", {}, { priority: 1 });
    await queue.add("high too", {}, { priority: 1 });
    await queue.add("first", {});
    await queue.add("second", {});
    await queue.add("jumper", {}, { lifo: true });
    expect(await namesSeen(6)).to.deep.equal(["jumper", "first", "second", "high", "high too", "low"]);
  });

  it("runs delayed jobs in the order of their due times, at any moment one more", async () => {
    const queue = bench.queue();
    const seen: string[] = [];
    bench.worker(async (job) => void seen.push(job.name));
    await queue.add("third", {}, { delay: 180 });
    await queue.add("first", {}, { delay: 60 });
    await queue.add("second", {}, { delay: 120 });
    await until(() => seen.length === 3);
    expect(seen).to.deep.equal(["first", "second", "third"]);
  });

  it("promotes a delayed job, changes its delay, removes it", async () => {
    const queue = bench.queue();
    const [a, b, c] = await Promise.all(
      ["a", "b", "c"].map((name) => queue.add(name, {}, { delay: 60_000 })),
    );
    await a?.promote();
    await b?.changeDelay(30);
    await c?.remove();
    expect(await namesSeen(2)).to.deep.equal(["a", "b"]);
    expect(await queue.getJobCounts("delayed", "waiting")).to.deep.equal({ delayed: 0, waiting: 0 });
  });

  it("retries with a fixed backoff, then keeps the failure with its reason", async () => {
    const queue = bench.queue();
    const at: number[] = [];
    bench.worker(async () => {
      at.push(Date.now());
      throw new Error("broken");
    });
    const job = await queue.add("j", {}, { attempts: 3, backoff: { type: "fixed", delay: 60 } });
    await until(() => job.isFailed());
    const stored = await queue.getJob(job.id ?? "");
    expect(at).to.have.length(3);
    expect((at[1] ?? 0) - (at[0] ?? 0)).to.be.at.least(59);
    expect(stored).to.include({ attemptsMade: 3, attemptsStarted: 3, failedReason: "broken" });
    expect(stored?.stacktrace).to.have.length(3);
    expect(stored?.finishedOn).to.be.a("number");
  });

  it("runs an ended job again when asked, one or all", async () => {
    const queue = bench.queue();
    let fail = true;
    const ended: Job[] = [];
    const worker = bench.worker(async () => {
      if (fail) throw new Error("no");
    });
    worker.on("completed", (job) => ended.push(job));
    const jobs = await queue.addBulk([1, 2, 3].map(() => ({ name: "j", data: {} })));
    await until(async () => (await queue.getFailedCount()) === 3);
    fail = false;
    await (await queue.getJob(jobs[0]?.id ?? ""))?.retry();
    await until(() => ended.length === 1);
    await queue.retryJobs();
    await until(() => ended.length === 3);
    expect(await queue.getJobCounts("failed", "completed")).to.deep.equal({ failed: 0, completed: 3 });
  });

  it("drops a job whose deduplication id is held, until the holder ends", async () => {
    const queue = bench.queue();
    const options = { deduplication: { id: "d" } };
    const first = await queue.add("first", {}, options);
    const second = await queue.add("second", {}, options);
    expect(second.id).to.equal(first.id);
    expect(await queue.getDeduplicationJobId("d")).to.equal(first.id);
    expect(await namesSeen(1)).to.deep.equal(["first"]);
    await until(async () => (await queue.getDeduplicationJobId("d")) === null);
    await queue.add("third", {}, options);
    await until(async () => (await queue.getCompletedCount()) === 2);
  });

  it("holds a deduplication id for its ttl, longer than its job", async () => {
    const queue = bench.queue();
    const options = { deduplication: { id: "d", ttl: 700 } };
    const first = await queue.add("first", {}, options);
    await namesSeen(1);
    expect((await queue.add("second", {}, options)).id).to.equal(first.id);
    await sleep(750);
    expect((await queue.add("third", {}, options)).id).to.not.equal(first.id);
  });

  it("replaces a delayed job by the next of the same deduplication id", async () => {
    const queue = bench.queue();
    const options = { delay: 60_000, deduplication: { id: "d", ttl: 60_000, replace: true, extend: true } };
    await queue.add("old", {}, options);
    await queue.add("new", {}, options);
    expect((await queue.getDelayed()).map((job) => job.name)).to.deep.equal(["new"]);
  });

  it("frees the deduplication id of a removed job", async () => {
    const queue = bench.queue();
    const options = { deduplication: { id: "d", keepLastIfActive: true } };
    const first = await queue.add("first", {}, options);
    await first.remove();
    const second = await queue.add("second", {}, options);
    expect(second.id).to.not.equal(first.id);
    expect(await queue.removeDeduplicationKey("d")).to.equal(1);
    expect(await queue.getDeduplicationJobId("d")).to.equal(null);
  });

  it("keeps ended jobs as told: none, so many, so young", async () => {
    const queue = bench.queue();
    const keep = async (name: string, removeOnComplete: object | boolean | number): Promise<string[]> => {
      await queue.addBulk(
        [1, 2, 3].map((n) => ({ name, data: { n }, opts: { removeOnComplete } as object })),
      );
      await until(async () => (await queue.getJobCountByTypes("waiting", "active")) === 0);
      return (await queue.getCompleted()).map((job) => `${job.name}${job.data.n}`);
    };
    bench.worker(async () => undefined);
    expect(await keep("none", true)).to.deep.equal([]);
    expect(await keep("two", 2)).to.deep.equal(["two3", "two2"]);
    expect(await keep("one", { age: 60, count: 1 })).to.deep.equal(["one3"]);
    await sleep(1_100);
    expect(await keep("young", { age: 1 })).to.deep.equal(["young3", "young2", "young1"]);
  });

  it("pauses and resumes", async () => {
    const queue = bench.queue();
    const seen: string[] = [];
    bench.worker(async (job) => void seen.push(job.name));
    await queue.pause();
    expect(await queue.isPaused()).to.equal(true);
    await queue.add("j", {});
    await sleep(60);
    expect(seen).to.deep.equal([]);
    expect(await queue.getWaitingCount()).to.equal(1);
    await queue.resume();
    await until(() => seen.length === 1);
    expect(await queue.isPaused()).to.equal(false);
  });

  it("lets a worker pause and resume", async () => {
    const queue = bench.queue();
    const seen: string[] = [];
    const worker = bench.worker(async (job) => void seen.push(job.name));
    await worker.waitUntilReady();
    await worker.pause();
    await queue.add("j", {});
    await sleep(60);
    expect(seen).to.deep.equal([]);
    await worker.resume();
    await until(() => seen.length === 1);
  });

  it("never runs more jobs at once than the worker, or the queue, allows", async () => {
    const queue = bench.queue();
    let running = 0;
    let most = 0;
    let ended = 0;
    await queue.setGlobalConcurrency(3);
    const run = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await sleep(5);
      running -= 1;
      ended += 1;
    };
    bench.worker(run, { concurrency: 2 });
    await queue.addBulk(Array.from({ length: 20 }, () => ({ name: "j", data: {} })));
    await until(() => ended === 20);
    expect(most).to.equal(2);
    bench.worker(run, { concurrency: 5 });
    await queue.addBulk(Array.from({ length: 20 }, () => ({ name: "j", data: {} })));
    await until(() => ended === 40);
    expect(most).to.equal(3);
  });

  it("starts no more jobs in a time than the limiter allows", async () => {
    const queue = bench.queue();
    const at: number[] = [];
    bench.worker(async () => void at.push(Date.now()), {
      limiter: { max: 2, duration: 150 },
      concurrency: 5,
    });
    await queue.addBulk(Array.from({ length: 5 }, () => ({ name: "j", data: {} })));
    await until(() => at.length === 5);
    expect((at[4] ?? 0) - (at[0] ?? 0)).to.be.within(280, 1_000);
  });

  it("gives a job back whose worker shows no sign of life, and lets the dead worker end nothing", async () => {
    const queue = bench.queue();
    const dead = bench.worker(async () => undefined, { autorun: false, lockDuration: 100 });
    await queue.add("j", {}, { deduplication: { id: "d", keepLastIfActive: true } });
    const lost = (await dead.getNextJob("dead")) as Job;
    expect(lost.name).to.equal("j");
    const seen: Job[] = [];
    const options = { lockDuration: 1_000, stalledInterval: 100 };
    bench.worker(async (job) => void seen.push(job), options);
    await until(() => seen.length === 1);
    expect(seen[0]).to.include({ id: lost.id, stalledCounter: 1 });
    const late = await lost.moveToCompleted("late", "dead", false).catch((error: Error) => error);
    expect(late).to.be.instanceOf(Error);
  });

  it("keeps the lock of a job that runs longer than it", async () => {
    const queue = bench.queue();
    let runs = 0;
    const run = async (): Promise<void> => {
      runs += 1;
      await sleep(500);
    };
    const options = { lockDuration: 150, stalledInterval: 60, concurrency: 2 };
    bench.worker(run, options);
    bench.worker(run, options);
    const job = await queue.add("j", {});
    await sleep(50);
    expect(await queue.remove(job.id ?? "")).to.equal(0);
    await until(() => job.isCompleted());
    expect(runs).to.equal(1);
  });

  it("wakes a sleeping worker at once", async () => {
    const queue = bench.queue();
    let ranAt = 0;
    bench.worker(async () => {
      ranAt = performance.now();
    });
    const waits: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      await sleep(15);
      ranAt = 0;
      const addedAt = performance.now();
      await queue.add("j", {});
      await until(() => ranAt > 0);
      waits.push(ranAt - addedAt);
    }
    expect(waits.sort((a, b) => a - b)[5]).to.be.below(100);
  });
}
