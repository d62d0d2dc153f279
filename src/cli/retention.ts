import { Command } from "commander";
import { sweepRetention } from "../actors/cron/retention-sweep.ts";
import { systemClock } from "../clock.ts";
import { createLog } from "../log.ts";
import { watchRulesOf } from "../retention.ts";
import { printResult } from "./print.ts";
import { withStore } from "./with-store.ts";

interface Shown {
  json?: boolean;
}

const most = 10_000;
const dated = (at: number) => new Date(at).toISOString();

export function retentionCommand(): Command {
  const retention = new Command("retention").description("purges, forgetting, and what holds them");
  retention
    .command("status")
    .description("whether purges are held because the clock leapt, and what waits")
    .option("--json", "print one JSON object")
    .action(status);
  retention
    .command("run")
    .description(
      "sweep now what the calendar sweeps each hour: unused uploads, files that nothing names, old receipts",
    )
    .option("--json", "print one JSON object")
    .action(run);
  retention
    .command("resume")
    .description("say that the clock is right: purges go on within a minute")
    .option("--json", "print one JSON object")
    .action(resume);
  return retention;
}

async function status({ json }: Shown): Promise<void> {
  await withStore(async ({ timeWatch, reads, retention }, clock) => {
    const watched = await timeWatch.look();
    const effects = await reads.effectCounts(["deliver", "purge", "forget"], most);
    const unfinished = (await retention.leftovers(clock.now())).length;
    const hold = watched?.hold;
    const facts = {
      seenAt: watched ? dated(watched.seenAt) : null,
      held: hold ? { since: dated(hold.since), leapSeconds: Math.round(hold.leapMs / 1_000) } : null,
      effects,
      unfinishedRemovals: unfinished,
    };
    const held = hold
      ? `held since ${dated(hold.since)}: the clock leapt by ${Math.round(hold.leapMs / 3_600_000)} hours; collecte retention resume, once it is right`
      : "not held";
    const lines = Object.entries(effects).map(
      ([kind, { waiting, leased, dead }]) =>
        `${kind.padEnd(9)} ${waiting + leased} waiting, ${dead} failed for good`,
    );
    printResult(facts, json, [`Purges    ${held}`, ...lines, `Removals  ${unfinished} not ended`]);
  });
}

async function run({ json }: Shown): Promise<void> {
  await withStore(async ({ retention, blobs, timeWatch }, clock, settings) => {
    const swept = await sweepRetention(
      {
        retention,
        blobs,
        clock,
        log: createLog(settings.logLevel),
        rules: settings.retention,
        isHeld: async () =>
          (await timeWatch.beat(systemClock.now(), watchRulesOf(settings.retention))) !== undefined,
      },
      clock.now(),
    );
    const lines = swept
      ? Object.entries(swept).map(([what, count]) => `${what.padEnd(10)} ${count} removed`)
      : ["held: the clock leapt; see collecte retention status"];
    printResult(swept ?? { held: true }, json, lines);
    if (!swept) process.exitCode = 1;
  });
}

/** It is the machine's clock that is watched, also where test mode has moved the engine's. */
async function resume({ json }: Shown): Promise<void> {
  await withStore(async ({ timeWatch }) => {
    const wasHeld = await timeWatch.resume(systemClock.now());
    printResult({ wasHeld }, json, [wasHeld ? "Purges go on within a minute." : "Nothing was held."]);
  });
}
