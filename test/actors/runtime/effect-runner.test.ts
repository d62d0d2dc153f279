import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { Committer } from "../../../src/actors/runtime/committer.ts";
import { createEffectRunner, type EffectHandler } from "../../../src/actors/runtime/effect-runner.ts";
import { Retryable, Terminal } from "../../../src/actors/runtime/errors.ts";
import { thrownBy } from "../../support/thrown.ts";
import { aBench, aLog, enter } from "./ledger.ts";

/** One effect of the kind "mail", leased; and a runner whose handler does what the test says. */
async function inHand(
  handler: EffectHandler,
  {
    leaseMs = 60_000,
    countedKinds = new Set<string>(),
    ...committed
  }: Partial<Committer> & { leaseMs?: number; countedKinds?: Set<string> } = {},
) {
  const bench = aBench({ leaseMs });
  await bench.committer.accept(enter("actor", "ordered", { entry: { orders: ["mail"] } }));
  const log = aLog();
  let acts = 0;
  const run = createEffectRunner({
    reads: bench.reads,
    committer: { ...bench.committer, ...committed },
    clock: bench.clock,
    log,
    leaseMs,
    countedKinds,
    handlers: {
      mail: (effect) => {
        acts++;
        return handler(effect);
      },
    },
    failureCommand: (effect, code, at) => ({ type: "Told", at, word: `${effect.row.kind} failed: ${code}` }),
  });
  const job = bench.claimed[0] ?? expect.fail("nothing was leased");
  const row = () => bench.tables.outbox.get(job.id);
  /** Runs what is leased next, once the clock has come to it. */
  async function runNext(): Promise<void> {
    const before = bench.claimed.length;
    bench.clock.set(row()?.dueAt ?? expect.fail("the effect is gone"));
    bench.committer.poke();
    await bench.committer.settle({ kind: "settled", of: "mail", id: "nothing" });
    await run(bench.claimed[before] ?? expect.fail("nothing was leased"));
  }
  return { ...bench, log, run, runNext, job, row, acts: () => acts };
}

const told =
  (word: string): EffectHandler =>
  async ({ row }) => ({ type: "Told", at: row.dueAt, word });

const throwing =
  (error: unknown): EffectHandler =>
  () =>
    Promise.reject(error);

describe("the effect runner", () => {
  it("acts, forgets the effect, and tells the actor what it learnt", async () => {
    const { run, job, row, entriesOf } = await inHand(told("sent"));
    await run(job);
    expect(row()).to.equal(undefined);
    expect(entriesOf("actor")).to.deep.equal(["ordered", "sent"]);
  });

  it("forgets an effect that has nothing to tell", async () => {
    const { run, job, row, entriesOf } = await inHand(async () => undefined);
    await run(job);
    expect(row()).to.equal(undefined);
    expect(entriesOf("actor")).to.deep.equal(["ordered"]);
  });

  it("gives the handler the row and the actor's state", async () => {
    const seen: unknown[] = [];
    const { run, job } = await inHand(async ({ row, state }) => {
      seen.push([
        row.id,
        row.attempts,
        row.payload.kind,
        (state as unknown as { entries: string[] }).entries,
      ]);
      return undefined;
    });
    await run(job);
    expect(seen).to.deep.equal([["actor.1.0", 1, "mail", ["ordered"]]]);
  });

  it("acts once when a job is doubled after its end", async () => {
    const { run, job, acts, entriesOf } = await inHand(told("sent"));
    await run(job);
    await Promise.all([run(job), run(job)]);
    expect([acts(), entriesOf("actor").length]).to.deep.equal([1, 2]);
  });

  it("acts once when a job is doubled while it runs", async () => {
    const { run, job, acts, entriesOf } = await inHand(told("sent"));
    await Promise.all([run(job), run(job)]);
    expect([acts(), entriesOf("actor")]).to.deep.equal([1, ["ordered", "sent"]]);
  });

  it("does not act for a lease that is over, nearly over, or somebody else's", async () => {
    const { run, job, acts, clock, row, committer } = await inHand(told("sent"), { leaseMs: 10_000 });
    await run({ ...job, attempts: 0 });
    await run({ ...job, attempts: 2 });
    await run({ ...job, id: "actor.9.9" });
    clock.advance(8_001);
    await run(job);
    clock.advance(10_000);
    await run(job);
    committer.poke();
    await committer.settle({ kind: "settled", of: "mail", id: "nothing" });
    await run(job);
    expect([acts(), row()?.attempts]).to.deep.equal([0, 2]);
  });

  it("postpones what another try may mend, as long as it was asked to wait", async () => {
    const { run, job, row, clock, entriesOf, log } = await inHand(
      throwing(new Retryable("smtp_away", { retryAfterMs: 90_000 })),
    );
    await run(job);
    expect(row()).to.include({ status: "pending", attempts: 1, dueAt: clock.now() + 90_000 });
    expect(entriesOf("actor")).to.deep.equal(["ordered"]);
    expect(log.lines).to.deep.equal([
      'warn effect postponed {"effect":"actor.1.0","kind":"mail","attempts":1,"code":"smtp_away"}',
    ]);
  });

  it("waits longer after each try, five minutes at most, and never gives a retryable one up", async () => {
    const { run, runNext, job, row, clock } = await inHand(throwing(new Retryable("smtp_away")));
    const pauses: number[] = [];
    await run(job);
    for (let i = 0; i < 14; i++) {
      pauses.push((row()?.dueAt ?? 0) - clock.now());
      await runNext();
    }
    expect(pauses.slice(0, 4)).to.deep.equal([1000, 2000, 4000, 8000]);
    expect(pauses.at(-1)).to.equal(300_000);
    expect(row()).to.include({ status: "pending", attempts: 15 });
  });

  it("buries what no try will mend, and tells the actor", async () => {
    const { run, job, row, entriesOf, log } = await inHand(throwing(new Terminal("address_refused")));
    await run(job);
    expect(row()).to.include({ status: "dead", attempts: 1 });
    expect(entriesOf("actor")).to.deep.equal(["ordered", "mail failed: address_refused"]);
    expect(log.lines).to.have.length(1);
    expect(log.lines[0]).to.match(/^error effect failed for good/);
  });

  it("buries an effect that nobody can act on", async () => {
    const bench = await inHand(told("sent"));
    await bench.committer.accept(enter("other", "ordered", { entry: { orders: ["fax"] } }));
    await bench.run(bench.claimed[1] ?? expect.fail());
    expect(bench.entriesOf("other")).to.deep.equal(["ordered", "fax failed: unknown_effect_kind"]);
  });

  it("tries a fault of ours five times, then buries it", async () => {
    const { run, runNext, job, row, acts, entriesOf } = await inHand(
      throwing(new TypeError("x is undefined")),
    );
    await run(job);
    while (row()?.status === "pending") await runNext();
    expect([acts(), row()?.status]).to.deep.equal([5, "dead"]);
    expect(entriesOf("actor")).to.deep.equal(["ordered", "mail failed: unexpected"]);
  });

  it("does not count bad weather among the faults of ours", async () => {
    let acts = 0;
    const failures = [...Array.from({ length: 9 }, () => new Retryable("smtp_away")), new TypeError("odd")];
    const { run, runNext, job, row, entriesOf } = await inHand((effect) => {
      const failure = failures[acts++];
      return failure ? Promise.reject(failure) : told("sent")(effect);
    });
    await run(job);
    while (row()) await runNext();
    expect([acts, ...entriesOf("actor")]).to.deep.equal([11, "ordered", "sent"]);
  });

  it("does an act that may have happened once more, and not a third time", async () => {
    const doubtful = new Retryable("smtp_doubtful", { isDoubtful: true });
    const { run, runNext, job, row, acts, entriesOf } = await inHand(throwing(doubtful));
    await run(job);
    expect(row()).to.include({ status: "pending", doubts: 1 });
    await runNext();
    expect([acts(), row()?.status]).to.deep.equal([2, "dead"]);
    expect(entriesOf("actor")).to.deep.equal(["ordered", "mail failed: smtp_doubtful"]);
  });

  it("says nothing of people in its log", async () => {
    const canary = "alice@people.example";
    const errors = [
      new Error(`no such mailbox: ${canary}`),
      new Error(`first line\n    at ${canary}\n    at ${canary} (06 12)`),
      Object.assign(new Error("550"), { code: `550 ${canary} unknown` }),
      new Retryable("smtp_away", { message: canary, cause: new Error(canary) }),
      new Terminal("address_refused", { message: canary, cause: new Error(canary) }),
      canary,
    ];
    for (const error of errors) {
      const { run, job, log, tables } = await inHand(throwing(error));
      await run(job);
      expect(log.lines).to.have.length(1);
      expect(log.lines.join()).not.to.include("alice");
      const { payload, ...row } = tables.outbox.get(job.id) ?? expect.fail();
      expect(JSON.stringify(row)).not.to.include("alice");
    }
  });

  it("names the place of a fault of ours", async () => {
    const { run, job, log } = await inHand(throwing(new TypeError("x")));
    await run(job);
    expect(log.lines[0]).to.match(/TypeError at .*effect-runner\.test\.[jt]s:\d+/);
  });

  /** The row as it is after so many deaths. */
  function lapse({ tables }: Awaited<ReturnType<typeof inHand>>, id: string, lapses: number): void {
    const row = tables.outbox.get(id) ?? expect.fail();
    tables.outbox.set(id, { ...row, lapses });
  }

  it("marks an act as begun before it, where a death must be told from a lost hint, and no other", async () => {
    for (const [lapses, kinds, isBegun] of [
      [0, [], false],
      [1, [], true],
      [0, ["mail"], true],
    ] as const) {
      const seen: unknown[] = [];
      const bench = await inHand(
        async () => {
          seen.push(bench.row()?.isBegun);
          return undefined;
        },
        { countedKinds: new Set(kinds) },
      );
      lapse(bench, bench.job.id, lapses);
      await bench.run(bench.job);
      expect(seen).to.deep.equal([isBegun]);
    }
  });

  it("prolongs a lease that is soon over before it acts, and does not act when somebody else has it", async () => {
    const bench = await inHand(told("sent"), { leaseMs: 30_000 });
    bench.clock.advance(15_000);
    await bench.run(bench.job);
    expect(bench.entriesOf("actor")).to.deep.equal(["ordered", "sent"]);
    const late = await inHand(told("sent"), {
      leaseMs: 30_000,
      renew: async () => {
        late.clock.advance(30_000);
        late.committer.poke();
        await late.committer.settle({ kind: "settled", of: "mail", id: "nothing" });
      },
    });
    late.clock.advance(15_000);
    await late.run(late.job);
    expect([late.acts(), late.row()?.attempts]).to.deep.equal([0, 2]);
  });

  it("acts on one suspect at a time, and puts the others off with their count", async () => {
    let end: () => void = () => undefined;
    const ended = new Promise<undefined>((resolve) => {
      end = () => resolve(undefined);
    });
    const bench = await inHand(() => ended);
    await bench.committer.accept(enter("other", "ordered", { entry: { orders: ["mail"] } }));
    const second = bench.claimed[1] ?? expect.fail();
    for (const { id } of [bench.job, second]) lapse(bench, id, 2);
    const first = bench.run(bench.job);
    await bench.run(second);
    expect(bench.acts()).to.equal(1);
    const waits = { status: "pending", lapses: 2, faults: 0, dueAt: bench.clock.now() + 1_000 };
    expect(bench.tables.outbox.get(second.id)).to.include(waits);
    end();
    await first;
    expect(bench.row()).to.equal(undefined);
  });

  it("tells no failure of an act that is another's by now", async () => {
    const bench = await inHand(async () => {
      const row = bench.row() ?? expect.fail();
      bench.tables.outbox.set(row.id, { ...row, attempts: row.attempts + 1 });
      throw new Terminal("mail_refused");
    });
    await bench.run(bench.job);
    expect(bench.entriesOf("actor")).to.deep.equal(["ordered"]);
    expect(bench.row()).to.include({ status: "leased" });
  });

  it("forgets the lapses of an act that came to an end, even a bad one", async () => {
    const bench = await inHand(throwing(new Retryable("smtp_away")));
    lapse(bench, bench.job.id, 4);
    await bench.run(bench.job);
    expect(bench.row()).to.include({ status: "pending", lapses: 0 });
  });

  it("never begins again what ended the engine five times, and tells the actor", async () => {
    const bench = await inHand(told("sent"));
    lapse(bench, bench.job.id, 5);
    await bench.run(bench.job);
    expect([bench.acts(), bench.row()?.status]).to.deep.equal([0, "dead"]);
    expect(bench.entriesOf("actor")).to.deep.equal(["ordered", "mail failed: engine_died"]);
  });

  it("waits an hour at most, whatever a gateway asks", async () => {
    const { run, job, row, clock } = await inHand(
      throwing(new Retryable("sms_away", { retryAfterMs: 31 * 86_400_000 })),
    );
    await run(job);
    expect(row()).to.include({ dueAt: clock.now() + 3_600_000 });
  });

  it("answers to an actor of the kind that ordered it", async () => {
    const messages: string[] = [];
    const bench = await inHand(told("sent"), {
      settle: async (_end, message) => {
        messages.push(message?.kind ?? "");
        return undefined;
      },
    });
    const actor = bench.tables.actors.get("actor") ?? expect.fail();
    bench.tables.actors.set("actor", { ...actor, kind: "batch" });
    await bench.run(bench.job);
    expect(messages).to.deep.equal(["batch"]);
  });

  it("is done by nobody else while it lasts longer than its lease", async () => {
    let end: () => void = () => undefined;
    const ended = new Promise<undefined>((resolve) => {
      end = () => resolve(undefined);
    });
    const bench = await inHand(() => ended, { leaseMs: 3_000 });
    // The timer runs on Node's clock, the lease on the bench's: a second of the one is a second of the other.
    const act = bench.run(bench.job);
    for (let i = 0; i < 5; i++) {
      const until = bench.row()?.leaseUntil ?? 0;
      bench.clock.advance(1_000);
      for (let tries = 0; tries < 500 && (bench.row()?.leaseUntil ?? 0) <= until; tries++) await sleep(10);
      expect(bench.row()?.leaseUntil).to.equal(bench.clock.now() + 3_000);
      bench.committer.poke();
    }
    end();
    await act;
    expect([bench.claimed.length, bench.row()]).to.deep.equal([1, undefined]);
  }).timeout(30_000);

  it("says nothing against an act whose end could not be written", async () => {
    const full = new Error("SQLITE_FULL");
    const { run, job, row, log } = await inHand(told("sent"), { settle: () => Promise.reject(full) });
    expect(await thrownBy(run(job))).to.equal(full);
    expect(row()).to.include({ status: "leased", attempts: 1 });
    expect(log.lines).to.deep.equal([]);
  });
});
