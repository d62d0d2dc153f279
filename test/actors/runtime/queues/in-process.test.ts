import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Queue } from "bullmq";
import { expect } from "chai";
import { createInProcessSpace } from "../../../../src/actors/runtime/queues/in-process-backend.ts";
import type { Bench } from "./bench.ts";
import { openBench, until } from "./bench.ts";
import { boardContract } from "./board-contract.ts";
import { bullContract } from "./bull-contract.ts";
import { hintQueueContract } from "./contract.ts";

describe("the in-process queue", function () {
  this.timeout(10_000);
  hintQueueContract(() => openBench());

  describe("under BullMQ's classes", () => bullContract(() => openBench()));

  describe("as the operators see it", () => boardContract(() => openBench()));

  let bench: Bench;
  afterEach(() => bench?.close());

  it("shares nothing between two spaces", async () => {
    const [a, b] = [createInProcessSpace(), createInProcessSpace()].map(
      (space) => new Queue("q", { connection: {} }, space),
    );
    await a?.add("j", {});
    expect(await a?.count()).to.equal(1);
    expect(await b?.count()).to.equal(0);
    await Promise.all([a?.close(), b?.close()]);
  });

  it("refuses job schedulers and flows in so many words", async () => {
    const queue = new Queue("q", { connection: {} }, createInProcessSpace());
    const scheduler = await queue.upsertJobScheduler("s", { every: 1_000 }).catch((error: Error) => error);
    const parent = { id: "1", queue: "other" };
    const child = await queue.add("j", {}, { parent }).catch((error: Error) => error);
    for (const refusal of [scheduler, child]) {
      expect(refusal).to.have.property("message").that.contains("not supported by the in-process queue");
    }
    await queue.close();
  });

  it("keeps a job that its own worker ends late, when nobody else took it", async () => {
    bench = openBench();
    const queue = bench.queue();
    const worker = bench.worker(async () => undefined, { autorun: false, lockDuration: 1 });
    await queue.add("j", {});
    const job = await worker.getNextJob("slow");
    await new Promise((resolve) => setTimeout(resolve, 5));
    await job?.moveToCompleted("done", "slow", false);
    expect(await queue.getCompletedCount()).to.equal(1);
  });

  it("takes and removes among 100,000 waiting jobs without looking at the others", async function () {
    this.timeout(20_000);
    bench = openBench();
    const queue = bench.queue();
    const time = async (count: number): Promise<number> => {
      const some = (length: number) =>
        Array.from({ length }, (_, n) => ({ name: "j", data: {}, opts: n % 2 ? { priority: n } : {} }));
      await queue.addBulk(some(count));
      const jobs = await queue.addBulk(some(300));
      const begunAt = performance.now();
      for (const job of jobs) await job.remove();
      return performance.now() - begunAt;
    };
    await time(100);
    const few = await time(100);
    const many = await time(100_000);
    expect(many).to.be.below(20 * few + 20);
  });

  it("lets the rest of the process have its turn while many quick jobs run", async () => {
    bench = openBench();
    const queue = bench.queues().queue(bench.name);
    await queue.addAll(Array.from({ length: 5_000 }, () => ({ name: "wake", data: {} })));
    let done = 0;
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (done < 5_000) setImmediate(count);
    };
    setImmediate(count);
    await queue.work(
      async () => {
        done += 1;
      },
      { concurrency: 4 },
    );
    await until(() => done === 5_000);
    expect(turns).to.be.above(100);
  });

  it("lets the process end while jobs are delayed", async () => {
    const space = new URL("../../../../src/actors/runtime/queues/queues.js", import.meta.url);
    const script = `
      const { createQueues } = await import(${JSON.stringify(space.href)});
      const log = { info() {}, warn() {}, error() {} };
      const queues = createQueues({ log });
      const queue = queues.queue("q");
      await queue.work(async () => {}, { concurrency: 2 });
      await queue.add("j", {}, { delayMs: 600_000 });
      await queues.close();`;
    const begunAt = Date.now();
    await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { timeout: 10_000 });
    expect(Date.now() - begunAt).to.be.below(5_000);
  }).timeout(15_000);
});
