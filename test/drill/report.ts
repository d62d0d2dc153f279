import type { Verdict } from "./evidence.ts";
import { points } from "./points.ts";
import type { RunReport } from "./run.ts";
import { type Deeds, noDeeds } from "./saboteur.ts";

export function isClean(verdict: Verdict): boolean {
  return Object.values(verdict).every(({ length }) => length === 0);
}

/** The figures of all runs. */
export function totalOf(reports: readonly RunReport[], seconds: number) {
  const sum = (of: (report: RunReport) => number) => reports.reduce((all, report) => all + of(report), 0);
  const deeds = noDeeds();
  for (const name of Object.keys(deeds) as (keyof Deeds)[]) deeds[name] = sum((report) => report.deeds[name]);
  const reached = new Set(reports.flatMap((report) => report.reached));
  const killedAt = new Set(reports.flatMap((report) => report.killedAt));
  const runs: Record<string, number> = {};
  for (const { setting } of reports) runs[setting] = (runs[setting] ?? 0) + 1;
  return {
    runs: reports.length,
    bySetting: runs,
    seconds: Math.round(seconds),
    secondsPerRun: Math.round((seconds / reports.length) * 10) / 10,
    collectes: sum(({ collectes }) => collectes),
    ...deeds,
    points: points.length,
    pointsReached: points.filter((point) => reached.has(point)).length,
    pointsThatKilled: killedAt.size,
    neverReached: points.filter((point) => !reached.has(point)),
    toldOk: sum(({ told }) => told.ok),
    toldRefused: sum(({ told }) => told.refused),
    unknown: sum(({ told }) => told.unknown),
    doubledMails: sum(({ doubledMails }) => doubledMails),
    slowJobs: sum(({ slowJobs }) => slowJobs),
    lost: sum(({ verdict }) => verdict.lost.length),
    doubled: sum(({ verdict }) => verdict.doubled.length),
    reordered: sum(({ verdict }) => verdict.reordered.length),
    strange: sum(({ verdict }) => verdict.strange.length),
    failed: reports.filter(({ verdict }) => !isClean(verdict)).map(({ seed }) => seed),
  };
}
