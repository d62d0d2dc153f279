import { startTimetable } from "../../../src/actors/cron/timetable.ts";
import { openStore } from "../../../src/store/store.ts";
import { secretsOfTests } from "../../store/open-store.ts";

/*
 * A process that a test starts: runs one sweep of the calendar in slots of so many milliseconds and prints the number
 * of each slot that it runs. With "hangs" it never ends the first.
 */
const [folder = "", url = "", everyMs = "", leaseMs = "", end = ""] = process.argv.slice(2);
const clock = { now: () => Date.now() };
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const store = await openStore(folder, secretsOfTests, clock, { url });
let turn = 0;
startTimetable({
  calendar: store.calendar,
  clock,
  log,
  newHolder: () => `${process.pid} ${++turn}`,
  leaseMs: Number(leaseMs),
  tickMs: 50,
  sweeps: [
    {
      name: "test",
      everyMs: Number(everyMs),
      async run(now) {
        process.stdout.write(`${Math.floor(now / Number(everyMs))}\n`);
        if (end === "hangs") await new Promise(() => undefined);
      },
    },
  ],
});
process.stdout.write("ready\n");
