import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import sinon from "sinon";
import { startTimetable, type Timetable } from "../../../src/actors/cron/timetable.ts";
import { stoppedClock } from "../../support/clock.ts";
import { temporaryFolder } from "../../support/folders.ts";
import { calendarOf } from "../../support/memory-calendar.ts";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import { aLog } from "../runtime/ledger.ts";

const everyMs = 60_000;
const leaseMs = 20_000;
const tickMs = 1_000;

describe("the timetable", () => {
  let time: sinon.SinonFakeTimers;
  let timetables: Timetable[];
  beforeEach(() => {
    time = sinon.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    timetables = [];
  });
  afterEach(async () => {
    await Promise.all(timetables.map((one) => one.stop()));
    time.restore();
  });

  /** Processes over one calendar; each run is told by the name of its process. */
  function world() {
    const calendar = calendarOf(new Map());
    const clock = stoppedClock();
    const log = aLog();
    const runs: string[] = [];
    let holders = 0;
    const start = (name: string, run: () => Promise<unknown> = async () => undefined) => {
      const timetable = startTimetable({
        calendar,
        clock,
        log,
        newHolder: () => `holder ${++holders}`,
        leaseMs,
        tickMs,
        sweeps: [
          {
            name: "timers",
            everyMs,
            run: () => {
              runs.push(name);
              return run();
            },
          },
        ],
      });
      timetables.push(timetable);
      return timetable;
    };
    const passes = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += tickMs) {
        clock.advance(Math.min(tickMs, ms - passed));
        await time.tickAsync(Math.min(tickMs, ms - passed));
      }
    };
    return { calendar, clock, log, runs, start, passes };
  }

  it("sweeps at once, and then once in each slot, whoever of them does it", async () => {
    const { runs, start, passes } = world();
    start("one");
    start("two");
    await passes(tickMs);
    expect(runs).to.have.length(1);
    await passes(3 * everyMs);
    expect(runs).to.have.length(4);
  });

  it("gives the slot of a process that died to another when its lease is over, and not before", async () => {
    const { calendar, clock, runs, start, passes } = world();
    const now = clock.now();
    await calendar.take("timers", Math.floor(now / everyMs), "dead", now, now + leaseMs);
    start("heir");
    await passes(leaseMs - tickMs);
    expect(runs).to.deep.equal([]);
    await passes(2 * tickMs);
    expect(runs).to.deep.equal(["heir"]);
  });

  it("keeps a slot for as long as its sweep takes", async () => {
    const { runs, start, passes } = world();
    let end = () => {};
    start("slow", () => new Promise<void>((resolve) => (end = resolve)));
    start("idle");
    await passes(3 * leaseMs);
    expect(runs).to.deep.equal(["slow"]);
    end();
    await passes(2 * tickMs);
    expect(runs).to.have.length(2);
    end();
  });

  it("runs a sweep that failed again when its lease is over, and says so", async () => {
    const { runs, start, passes, log } = world();
    let fails = true;
    start("one", async () => {
      if (fails) throw Object.assign(new Error("no"), { code: "store_unavailable" });
    });
    await passes(5 * tickMs);
    expect(runs).to.have.length(1);
    expect(log.lines).to.deep.equal([
      'error a sweep of the calendar failed {"kind":"timers","code":"store_unavailable"}',
    ]);
    fails = false;
    await passes(leaseMs);
    expect(runs).to.have.length(2);
    await passes(10 * tickMs);
    expect(runs).to.have.length(2);
  });

  for (const jumpMs of [-31 * 86_400_000, 31 * 86_400_000]) {
    it(`goes on when the clock jumps by ${jumpMs / 86_400_000} days`, async () => {
      const { clock, runs, start, passes } = world();
      start("one");
      start("two");
      await passes(tickMs);
      clock.advance(jumpMs);
      await passes(3 * everyMs);
      expect(runs.length).to.be.within(4, 5);
    });
  }

  it("ends the sweep in hand when it stops, and begins no other", async () => {
    const { runs, start, passes } = world();
    let end = () => {};
    const timetable = start("one", () => new Promise<void>((resolve) => (end = resolve)));
    await passes(tickMs);
    let isStopped = false;
    const stopped = timetable.stop().then(() => (isStopped = true));
    await passes(tickMs);
    expect(isStopped).to.equal(false);
    end();
    await stopped;
    await passes(2 * everyMs);
    expect(runs).to.deep.equal(["one"]);
  });
});

describe("the timetables of two processes on one PostgreSQL", function () {
  this.timeout(60_000);
  const program = fileURLToPath(new URL("./timetable-process.js", import.meta.url));
  let postgres: TestPostgres | undefined;
  let folder: string;
  let children: ChildProcess[];
  before(async function () {
    postgres = await startPostgres();
    if (!postgres) this.skip();
  });
  beforeEach(async () => {
    folder = await temporaryFolder();
    children = [];
  });
  afterEach(async () => {
    for (const child of children) {
      if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL"))
        await once(child, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  });
  after(() => postgres?.stop());

  /** A process, once it is ready, with the slots that it has begun. */
  async function started(url: string, every: number, lease: number, end = "") {
    const child = spawn(process.execPath, [program, folder, url, String(every), String(lease), end], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    let said = "";
    child.stdout.on("data", (chunk) => (said += chunk));
    const slots = () => said.split("\n").filter((line) => /^\d+$/.test(line));
    await until(() => said.includes("ready"));
    return { child, slots };
  }

  it("run each slot once", async () => {
    const url = (await postgres?.database()) ?? "";
    const both = await Promise.all([started(url, 200, 10_000), started(url, 200, 10_000)]);
    const all = () => both.flatMap(({ slots }) => slots());
    await until(() => all().length >= 20);
    const slots = all();
    expect(new Set(slots).size).to.equal(slots.length);
  });

  it("leave a slot to its runner, and take it over when that was killed with -9", async () => {
    const url = (await postgres?.database()) ?? "";
    const anHour = 3_600_000;
    const runner = await started(url, anHour, 4_000, "hangs");
    await until(() => runner.slots().length === 1);
    const heir = await started(url, anHour, 4_000);
    await pause(6_000);
    expect(heir.slots(), "while the runner lives, longer than its first lease").to.deep.equal([]);
    runner.child.kill("SIGKILL");
    await until(() => heir.slots().length === 1);
    expect(heir.slots()).to.deep.equal(runner.slots());
  });
});

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !isSo(); tries++) await pause(50);
  expect(isSo()).to.equal(true);
}
