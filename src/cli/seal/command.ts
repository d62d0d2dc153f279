import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { readSettings } from "../../../config/settings.ts";
import { stampLines } from "../../actors/effects/templates/stamp.ts";
import { pemOf } from "../../identity/pem.ts";
import { createInspector, type Inspector } from "../../workers/pdf/inspector.ts";
import { createSigningPool } from "../../workers/pool.ts";
import { checkedOptions } from "../options.ts";
import { inputsOf } from "./inputs.ts";
import { withLevel } from "./levels.ts";
import { describedSeal, type SealOptions, sealOptions } from "./options.ts";
import { type Sealing, sealFiles } from "./seal-files.ts";
import { type Sealer, sealerOf } from "./signer.ts";
import { type Telling, tellPeople, tellPrograms } from "./telling.ts";

// Nobody waits for a single one of them: the disk is asked once for many.
const together = 64;

export function sealCommand(): Command {
  return describedSeal().action((files: string[], given: object) =>
    seal(files, checkedOptions(sealOptions, given)),
  );
}

interface Count {
  sealed: number;
  repaired: number;
  failed: number;
}

/** Exit code 0 only if every file was sealed. */
async function seal(files: readonly string[], given: SealOptions): Promise<void> {
  const begun = Date.now();
  const inputs = inputsOf(files);
  const sealer = await sealerOf(given, new Date());
  await mkdir(given.out, { recursive: true });
  if (sealer.isTest) await announceTest(sealer, given.out);
  const telling = given.json ? tellPrograms() : tellPeople(inputs.length, given.out);
  const { interrupted, ...count } = await run(inputs, given, sealer, telling);
  const left = inputs.length - count.sealed - count.failed;
  telling.end({ ...count, left, seconds: (Date.now() - begun) / 1000 });
  if (interrupted) process.exitCode = 130;
  else if (count.failed > 0) process.exitCode = 1;
}

async function run(
  inputs: ReturnType<typeof inputsOf>,
  given: SealOptions,
  sealer: Sealer,
  telling: Telling,
): Promise<Count & { interrupted: boolean }> {
  const pool = createSigningPool({ threads: given.jobs, together });
  // Its processes begin with the first file that is looked at.
  const inspector = createInspector({ processes: given.jobs, waiting: inputs.length, warn: warnUnbounded });
  const interruption = new AbortController();
  // Once: who insists ends it at once, and may leave a hidden .partial file behind.
  const interrupt = () => interruption.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const count: Count = { sealed: 0, repaired: 0, failed: 0 };
  try {
    const sealing = {
      folder: given.out,
      clock: sealer.clock,
      task: taskOf(given, sealer),
      inspect: inspection(inspector),
      inspectFirst: given.inspect,
      repair: given.repair,
      force: given.force,
      // Two groups a thread: one is in its hands, one is named or waits.
      atOnce: given.jobs * together * 2,
      signal: interruption.signal,
    };
    await withLevel(given, sealer, pool, (sign) =>
      sealFiles(inputs, { ...sealing, sign }, (one) => {
        count[one.ok ? "sealed" : "failed"]++;
        if (one.ok && one.repairedFrom !== undefined) count.repaired++;
        telling.of(one);
      }),
    );
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    await Promise.all([pool.close(), inspector.close()]);
  }
  return { ...count, interrupted: interruption.signal.aborted };
}

function taskOf(given: SealOptions, { signer, name }: Sealer): Sealing["task"] {
  const { reason, visible, logo, certify, lock } = given;
  const always = { signer, name, reason, ...(certify && { certify }), ...(lock && { lock }) };
  if (visible === undefined) return () => always;
  const look = { at: visible, ...(logo !== undefined && { logo }) };
  return (at) => ({ ...always, appearance: { ...look, lines: stampLines({ name, at, reason }, "fr") } });
}

function inspection(inspector: Inspector): Sealing["inspect"] {
  return (path, to) => {
    const { maxDocumentBytes: maxBytes, maxDocumentPages: maxPages } = readSettings(process.env);
    return inspector.inspect(path, { maxBytes, maxPages }, to === undefined ? undefined : { to });
  };
}

function warnUnbounded(missing: readonly string[]): void {
  process.stderr.write(
    `this machine does not bound the processes that look at files: ${missing.join(", ")}\n`,
  );
}

/** On stderr: nobody may take a test seal for a real one, and no program for a result. */
async function announceTest({ rootDer }: Sealer, folder: string): Promise<void> {
  const path = join(folder, "ca.pem");
  // Added to those of earlier runs: what they sealed stays to be verified.
  await appendFile(path, pemOf(rootDer));
  process.stderr.write(
    `TEST seal: made for this run, worth nothing. Its root is in ${path}. To seal for real: --p12, --key or --firm\n`,
  );
}
