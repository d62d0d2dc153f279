import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startMailSink } from "../src/cli/sinks/mail-sink.ts";
import { startSmsSink } from "../src/cli/sinks/sms-sink.ts";
import { type BenchedEngine, idsMade, startBenchedEngine } from "./runtime/engine.ts";

export interface MemoryReport {
  few: number;
  many: number;
  rssAfterFew: number;
  rssAfterMany: number;
  /** The highest of the whole run. */
  rssPeak: number;
  ratio: number;
  most: number;
}

const mostRatio = 1.3;
const restMs = 5_000;

/**
 * The engine's resident memory in MB once `few` collectes have been made and launched, and once `many` have: their first
 * mails are being sent meanwhile, and most of them wait in the outbox.
 */
export async function benchMemory(root: string, few: number, many: number): Promise<MemoryReport> {
  const folder = await mkdtemp(join(root, "bench-"));
  const mails = await startMailSink();
  const smses = await startSmsSink();
  const engine = await startBenchedEngine(folder, { SMTP_URL: mails.url, SMS_URL: smses.url });
  try {
    let peak = 0;
    const accept = async (count: number) => {
      for (let done = 0; done < count; done += 1_000) {
        await makeAndLaunch(engine);
        peak = Math.max(peak, await rssOf(engine));
      }
      await pause(restMs);
      return rssOf(engine);
    };
    const rssAfterFew = await accept(few);
    const rssAfterMany = await accept(many - few);
    const ratio = Math.round((rssAfterMany / rssAfterFew) * 100) / 100;
    return { few, many, rssAfterFew, rssAfterMany, rssPeak: peak, ratio, most: mostRatio };
  } finally {
    await engine.process.kill();
    await mails.close();
    await smses.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeAndLaunch(engine: BenchedEngine): Promise<void> {
  const made = await engine.send(Array(10).fill(engine.createMany), 4);
  const launched = await engine.send(idsMade(made.bodies).map(engine.launchMany), 4);
  idsMade(launched.bodies);
}

async function rssOf({ process }: BenchedEngine): Promise<number> {
  const status = await readFile(`/proc/${process.pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}
