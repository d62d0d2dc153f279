import { appendFile, mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { z } from "zod";
import { readSettings } from "../../../config/settings.ts";
import { sealReason } from "../../actors/effects/templates/seal.ts";
import { createInspector, type Inspector } from "../../workers/pdf/inspector.ts";
import { createSigningPool } from "../../workers/pool.ts";
import { checkedOptions } from "../options.ts";
import { pemOf } from "../pem.ts";
import { inputsOf } from "./inputs.ts";
import { withLevel } from "./levels.ts";
import { sealFiles } from "./seal-files.ts";
import { type Sealer, sealerOf } from "./signer.ts";
import { type Telling, tellPeople, tellPrograms } from "./telling.ts";
import { placeOf } from "./visible.ts";

const options = z.strictObject({
  out: z.string(),
  level: z.enum(["B-B", "B-T", "B-LT", "B-LTA"]).default("B-B"),
  jobs: z.coerce.number().int().min(1).max(64).default(availableParallelism()),
  visible: z.string().transform(placeOf).optional(),
  reason: z.string().max(200).default(sealReason.fr),
  p12: z.string().optional(),
  passwordFile: z.string().optional(),
  key: z.string().optional(),
  certificate: z.string().optional(),
  firm: z.string().optional(),
  inspect: z.boolean().default(false),
  force: z.boolean().default(false),
  json: z.boolean().default(false),
});
type Options = z.output<typeof options>;

// Nobody waits for a single one of them: the disk is asked once for many.
const together = 64;

export function sealCommand(): Command {
  return new Command("seal")
    .description("seal PDFs into a folder: each is read back and checked before it gets its name there")
    .argument("<files...>", "PDFs, folders of PDFs, or patterns")
    .requiredOption("--out <folder>", "where the sealed files go; made if it is missing")
    .option("--level <level>", "PAdES level: B-B (default), B-T, B-LT or B-LTA")
    .option("--visible <place>", "page,left,bottom,width,height in points, or an empty field's name")
    .option("--reason <text>", "what readers show as the reason")
    .option("--jobs <n>", "threads (default: as many as this machine has cores)")
    .option("--p12 <file>", "seal with the key of a PKCS#12 container, whose certificates lead to a root")
    .option("--key <file>", "or with a private key in PEM")
    .option("--certificate <file>", "the certificates of --key in PEM, up to a root")
    .option("--password-file <file>", "holds the password of --p12 or --key")
    .option("--firm <id>", "or with the seal of a firm of this engine; without any: with a test seal")
    .option("--inspect", "first look at each file as at an upload, and refuse what uploads may not be")
    .option("--force", "replace files that stand in the folder")
    .option("--json", "print a JSON object for each file, then one for all")
    .action((files: string[], given: object) => seal(files, checkedOptions(options, given)));
}

/** Exit code 0 only if every file was sealed. */
async function seal(files: readonly string[], given: Options): Promise<void> {
  const begun = Date.now();
  const inputs = inputsOf(files);
  const sealer = await sealerOf(given, new Date());
  await mkdir(given.out, { recursive: true });
  if (sealer.isTest) await announceTest(sealer, given.out);
  const telling = given.json ? tellPrograms() : tellPeople(inputs.length, given.out);
  const { sealed, failed, interrupted } = await run(inputs, given, sealer, telling);
  const left = inputs.length - sealed - failed;
  telling.end({ sealed, failed, left, seconds: (Date.now() - begun) / 1000 });
  if (interrupted) process.exitCode = 130;
  else if (failed > 0) process.exitCode = 1;
}

async function run(
  inputs: ReturnType<typeof inputsOf>,
  given: Options,
  sealer: Sealer,
  telling: Telling,
): Promise<{ sealed: number; failed: number; interrupted: boolean }> {
  const pool = createSigningPool({ threads: given.jobs, together });
  const inspector = given.inspect
    ? createInspector({ processes: given.jobs, waiting: inputs.length })
    : undefined;
  const interruption = new AbortController();
  // Once: who insists ends it at once, and may leave a hidden .partial file behind.
  const interrupt = () => interruption.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const count = { sealed: 0, failed: 0 };
  try {
    const sealing = {
      folder: given.out,
      task: taskOf(given, sealer),
      ...(inspector !== undefined && { inspect: inspection(inspector) }),
      force: given.force,
      // Two groups a thread: one is in its hands, one is named or waits.
      atOnce: given.jobs * together * 2,
      signal: interruption.signal,
    };
    await withLevel(given, sealer, pool, (sign) =>
      sealFiles(inputs, { ...sealing, sign }, (one) => {
        count[one.ok ? "sealed" : "failed"]++;
        telling.of(one);
      }),
    );
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    await Promise.all([pool.close(), inspector?.close()]);
  }
  return { ...count, interrupted: interruption.signal.aborted };
}

function taskOf({ reason, visible }: Options, { signer, name }: Sealer) {
  const appearance = visible && { at: visible, lines: [name, reason] };
  return { signer, name, reason, ...(appearance !== undefined && { appearance }) };
}

function inspection(inspector: Inspector) {
  const { maxDocumentBytes: maxBytes, maxDocumentPages: maxPages } = readSettings(process.env);
  return (path: string) => inspector.inspect(path, { maxBytes, maxPages });
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
