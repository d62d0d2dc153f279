import type { Job } from "bullmq";
import { expect } from "chai";
import type { Bench } from "./bench.ts";
import { until } from "./bench.ts";

const boardStates = [
  "active",
  "waiting",
  "waiting-children",
  "prioritized",
  "completed",
  "failed",
  "delayed",
] as const;

/** What operators see and do by the queue board and by events. */
export function boardContract(open: () => Bench): void {
  let bench: Bench;
  beforeEach(() => {
    bench = open();
  });
  afterEach(() => bench.close());

  const fill = async () => {
    const queue = bench.queue();
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const worker = bench.worker(async (job) => {
      if (job.name === "bad") throw new Error("broken");
      if (job.name === "long") await held;
      return { done: job.name };
    });
    await queue.addBulk(["good 1", "good 2", "bad", "long"].map((name) => ({ name, data: { name } })));
    await until(async () => (await queue.getActive()).some((job) => job.name === "long"));
    await queue.add("soon", { name: "soon" }, { delay: 60_000 });
    await queue.add("sooner", { name: "sooner" }, { delay: 30_000 });
    await queue.addBulk(["w1", "w2", "w3"].map((name) => ({ name, data: { name } })));
    await queue.add("p5", {}, { priority: 5 });
    await queue.add("p1", {}, { priority: 1 });
    return { queue, worker, letGo };
  };
  const names = (jobs: Job[]): string[] => jobs.map((job) => job.name);

  it("counts the jobs of every state", async () => {
    const { queue, letGo } = await fill();
    expect(await queue.getJobCounts()).to.deep.equal({
      active: 1,
      completed: 2,
      delayed: 2,
      failed: 1,
      prioritized: 2,
      waiting: 3,
      "waiting-children": 0,
    });
    expect(await queue.count()).to.equal(7);
    expect(await queue.getCountsPerPriority([0, 1, 5, 7])).to.deep.equal({ "0": 3, "1": 1, "5": 1, "7": 0 });
    expect(await queue.getDelayedCount(Date.now() + 45_000)).to.equal(1);
    letGo();
  });

  it("lists the jobs of every state, a page at a time, both ways", async () => {
    const { queue, letGo } = await fill();
    expect(names(await queue.getWaiting())).to.deep.equal(["w1", "w2", "w3"]);
    expect(names(await queue.getWaiting(1, 1))).to.deep.equal(["w2"]);
    expect(names(await queue.getJobs("waiting", 0, 1))).to.deep.equal(["w3", "w2"]);
    expect(names(await queue.getDelayed())).to.deep.equal(["sooner", "soon"]);
    expect(names(await queue.getJobs("delayed", 0, 0))).to.deep.equal(["soon"]);
    expect(names(await queue.getPrioritized())).to.deep.equal(["p1", "p5"]);
    expect(names(await queue.getCompleted())).to.deep.equal(["good 2", "good 1"]);
    expect(names(await queue.getCompleted(1, 5))).to.deep.equal(["good 1"]);
    expect(names(await queue.getFailed())).to.deep.equal(["bad"]);
    expect(names(await queue.getActive())).to.deep.equal(["long"]);
    expect(await queue.getWaitingChildren()).to.deep.equal([]);
    expect(names(await queue.getJobs([...boardStates], 0, 10))).to.have.length(11);
    letGo();
  });

  it("tells the state and the fields of a job", async () => {
    const { queue, letGo } = await fill();
    const states = new Set<string>();
    for (const job of await queue.getJobs([...boardStates]))
      states.add(`${job.name}: ${await job.getState()}`);
    expect([...states].sort()).to.deep.equal([
      "bad: failed",
      "good 1: completed",
      "good 2: completed",
      "long: active",
      "p1: prioritized",
      "p5: prioritized",
      "soon: delayed",
      "sooner: delayed",
      "w1: waiting",
      "w2: waiting",
      "w3: waiting",
    ]);
    expect(await queue.getJobState("nobody")).to.equal("unknown");
    expect(await queue.getJob("nobody")).to.equal(undefined);
    const [good] = await queue.getCompleted();
    expect(good?.toJSON()).to.deep.include({
      name: "good 2",
      data: { name: "good 2" },
      returnvalue: { done: "good 2" },
      attemptsMade: 1,
      attemptsStarted: 1,
      progress: 0,
      delay: 0,
      priority: 0,
      stalledCounter: 0,
    });
    expect(good?.finishedOn).to.be.at.least(good?.processedOn ?? Infinity);
    const [soon] = await queue.getDelayed(1, 1);
    expect(soon?.delay).to.equal(60_000);
    letGo();
  });

  it("keeps a job's logs, progress and data", async () => {
    const queue = bench.queue();
    const job = await queue.add("j", {}, { keepLogs: 3 });
    for (const row of ["a", "b", "c", "d"]) await job.log(row);
    await job.updateProgress(40);
    await job.updateData({ more: true });
    expect(await queue.getJobLogs(job.id ?? "")).to.deep.equal({ logs: ["b", "c", "d"], count: 3 });
    expect(await queue.getJobLogs(job.id ?? "", 0, 1)).to.deep.equal({ logs: ["b", "c"], count: 3 });
    expect(await queue.getJobLogs(job.id ?? "", 0, 1, false)).to.deep.equal({ logs: ["d", "c"], count: 3 });
    const stored = await queue.getJob(job.id ?? "");
    expect(stored).to.deep.include({ progress: 40, data: { more: true } });
    await job.clearLogs();
    expect((await queue.getJobLogs(job.id ?? "")).count).to.equal(0);
  });

  it("changes the priority of a waiting job", async () => {
    const queue = bench.queue();
    const [a, b] = await queue.addBulk(["a", "b", "c"].map((name) => ({ name, data: {} })));
    await a?.changePriority({ priority: 2 });
    await b?.changePriority({ lifo: false, priority: 0 });
    expect(names(await queue.getWaiting())).to.deep.equal(["c", "b"]);
    expect(names(await queue.getPrioritized())).to.deep.equal(["a"]);
  });

  it("drains, cleans and obliterates", async () => {
    const { queue, worker, letGo } = await fill();
    await queue.drain();
    expect(await queue.getJobCounts("waiting", "prioritized", "delayed")).to.deep.equal({
      waiting: 0,
      prioritized: 0,
      delayed: 2,
    });
    await queue.promoteJobs();
    expect(names(await queue.getWaiting())).to.deep.equal(["sooner", "soon"]);
    await queue.drain(true);
    expect(await queue.clean(60_000, 0, "completed")).to.deep.equal([]);
    expect(await queue.clean(0, 1, "completed")).to.deep.equal(["1"]);
    expect(await queue.clean(0, 0, "failed")).to.have.length(1);
    const refused = await queue.obliterate().catch((error: Error) => error);
    expect(refused).to.have.property("message", "Cannot obliterate queue with active jobs");
    await queue.resume();
    letGo();
    await until(async () => (await queue.getActiveCount()) === 0);
    await worker.close();
    await queue.obliterate();
    expect(await queue.getJobCountByTypes()).to.equal(0);
    expect(await queue.isPaused()).to.equal(false);
    expect((await queue.add("again", {})).id).to.equal("1");
  });

  it("names its workers and counts what they did", async () => {
    const queue = bench.queue();
    const worker = bench.worker(async () => undefined, { name: "w-1", metrics: { maxDataPoints: 60 } });
    await worker.waitUntilReady();
    await queue.addBulk([1, 2, 3].map(() => ({ name: "j", data: {} })));
    await until(async () => (await queue.getCompletedCount()) === 3);
    expect((await queue.getWorkers()).map((client) => client["rawname"]?.endsWith(":w:w-1"))).to.deep.equal([
      true,
    ]);
    expect((await queue.getMetrics("completed")).meta.count).to.equal(3);
    expect(await queue.exportPrometheusMetrics()).to.contain('state="completed"} 3');
    expect(await queue.getMeta()).to.include({ paused: false, maxLenEvents: 10_000 });
    expect(await queue.getJobSchedulers()).to.deep.equal([]);
    expect(await queue.getGlobalConcurrency()).to.equal(null);
    await worker.close();
    await until(async () => (await queue.getWorkersCount()) === 0);
  });

  it("tells events to its listeners, and the end of a job to who waits for it", async () => {
    const queue = bench.queue();
    const events = await bench.events();
    const heard: string[] = [];
    for (const event of [
      "added",
      "waiting",
      "active",
      "progress",
      "completed",
      "failed",
      "delayed",
    ] as const) {
      events.on(event, (facts: { jobId: string }) => heard.push(`${event} ${facts.jobId}`));
    }
    bench.worker(async (job) => {
      await job.updateProgress(50);
      if (job.name === "bad") throw new Error("broken");
      return { n: 1 };
    });
    const good = await queue.add("good", {});
    expect(await good.waitUntilFinished(events, 2_000)).to.deep.equal({ n: 1 });
    const bad = await queue.add("bad", {}, { delay: 20 });
    const failure = await bad.waitUntilFinished(events, 2_000).catch((error: Error) => error);
    expect(failure).to.have.property("message", "broken");
    await until(() => heard.includes("failed 2"));
    expect(heard).to.deep.equal([
      "added 1",
      "waiting 1",
      "active 1",
      "progress 1",
      "completed 1",
      "added 2",
      "delayed 2",
      "waiting 2",
      "active 2",
      "progress 2",
      "failed 2",
    ]);
  });
}
