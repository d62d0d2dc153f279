import { expect } from "chai";
import type { Journal, JournalTransaction } from "../../src/actors/runtime/ports.ts";
import { createQueues } from "../../src/actors/runtime/queues/queues.ts";
import { thrownBy } from "../support/thrown.ts";
import { createFailpoints, type Told } from "./failpoints.ts";
import { type Failpoint, failpointOf, points } from "./points.ts";

describe("the failpoints of the drill", () => {
  function watched(armed?: string) {
    const told: Told[] = [];
    const steps: string[] = [];
    const failpoints = createFailpoints(
      (one) => told.push(one),
      ({ point }: Failpoint) => {
        steps.push("struck");
        throw new Error(`struck at ${point}`);
      },
    );
    if (armed !== undefined) failpoints.arm(failpointOf(armed));
    const { around } = failpoints;
    return { around, told, steps, reached: () => told.flatMap(({ reached }) => reached ?? []) };
  }

  it("are more than forty, each with a name of its own", () => {
    expect(new Set(points).size).to.equal(points.length);
    expect(points.length).to.be.above(40);
  });

  it("refuse a name that is not theirs", () => {
    expect(() => failpointOf("journal.wrote.before:1")).to.throw("there is no failpoint");
    expect(() => failpointOf("journal.write.before:1:hug")).to.throw("there is no blow");
  });

  it("strike at the nth call, once", async () => {
    const { around, told } = watched("sms.send.before:2");
    const sms = around("sms", { send: async () => ({ reference: "r" }) });
    expect(await sms.send()).to.deep.equal({ reference: "r" });
    expect(await thrownBy(sms.send())).to.include({ message: "struck at sms.send.before" });
    expect(await sms.send()).to.deep.equal({ reference: "r" });
    expect(told.flatMap(({ struck }) => struck ?? [])).to.have.length(1);
  });

  it("strike between the work of a transaction and its commit, and after the commit", async () => {
    const transactionSteps = async (armed: string) => {
      const { around, steps } = watched(armed);
      const journal = around<Journal>("journal", {
        async transaction(work) {
          const result = await work({} as JournalTransaction);
          steps.push("commit");
          return result;
        },
      });
      await thrownBy(journal.transaction(async () => void steps.push("work")));
      return steps;
    };
    expect(await transactionSteps("journal.commit.before:1")).to.deep.equal(["work", "struck"]);
    expect(await transactionSteps("journal.transaction.after:1")).to.deep.equal(["work", "commit", "struck"]);
  });

  it("leave what a call answers, and private members, as they are", () => {
    class Paths {
      readonly #folder = "blobs";
      temporaryPath(name: string): string {
        return `${this.#folder}/${name}`;
      }
    }
    const { around, reached } = watched();
    expect(around("blobs", new Paths()).temporaryPath("a")).to.equal("blobs/a");
    expect(reached()).to.deep.equal(["blobs.temporaryPath.before", "blobs.temporaryPath.after"]);
  });

  it("lie around the handlers of jobs", async () => {
    const { around, reached } = watched();
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const queues = around("queues", createQueues({ log }));
    try {
      await new Promise<void>((resolve, reject) => {
        const queue = queues.queue("effects");
        queue
          .work(async () => resolve(), { concurrency: 1 })
          .then(() => queue.add("mail", { id: "1" }))
          .catch(reject);
      });
      expect(reached()).to.include.members(["queues.add.before", "queues.job.before"]);
    } finally {
      await queues.close();
    }
  });
});
