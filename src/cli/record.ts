import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import type { Collecte } from "../actors/collecte/state.ts";
import { canonicalJson } from "../actors/runtime/canonical-json.ts";
import { trustedTsa } from "../levels.ts";
import { contextOf } from "../proof/context.ts";
import { proveInclusion } from "../proof/inclusion.ts";
import { exportRecord } from "../proof/record.ts";
import { verifyStore } from "../proof/verify-store.ts";
import { CliFault } from "./fault.ts";
import { printResult } from "./print.ts";
import { withStore } from "./with-store.ts";

export function recordCommand(): Command {
  const record = new Command("record").description("the records of what happened: take one out, check all");
  record
    .command("export")
    .description(
      "write a collecte's record, with the key that opens it and the proof that it is under an hourly root",
    )
    .argument("<collecte>", "its id")
    .requiredOption("--firm <id>", "whose it is")
    .option("--out <file>", "a JSON file; default: {id}.record.json")
    .option("--json", "print one JSON object")
    .action(exportOne);
  record
    .command("verify")
    .description(
      "recompute all records and hourly roots of the store: edits, removals, swaps and cut ends are found",
    )
    .option(
      "--known <sha256>",
      "the newest statement of an earlier run, kept elsewhere: it must still be there",
    )
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExit code: 0 all is whole, 1 something is not.")
    .action(verifyAll);
  return record;
}

async function exportOne(id: string, options: { firm: string; out?: string; json?: boolean }): Promise<void> {
  const out = options.out ?? `${id}.record.json`;
  await withStore(async ({ records, directory, heads, reads }, clock) => {
    const stored = await records.record(options.firm, id);
    if (stored === undefined) throw new CliFault(`the firm ${options.firm} has no collecte ${id}`);
    const view = await reads.collecte(options.firm, id);
    const language: Collecte["language"] = view?.state.language ?? "fr";
    const context = await contextOf(stored, directory);
    const inclusion = await proveInclusion(heads, id);
    const record = exportRecord(stored, {
      ...context,
      madeAt: clock.now(),
      language,
      certificates: [],
      ...(inclusion !== undefined && { inclusion }),
    });
    await writeFile(out, canonicalJson(record), { mode: 0o600 });
    const proof =
      inclusion === undefined ? "under no hourly root yet" : `under the root of hour ${inclusion.hour}`;
    printResult({ out, events: record.events.length, included: inclusion !== undefined }, options.json, [
      `Record of ${record.events.length} events written to ${out}, ${proof}`,
      "Whoever has it can read what it says of people: it holds the key.",
    ]);
  });
}

async function verifyAll({ known, json }: { known?: string; json?: boolean }): Promise<void> {
  await withStore(async ({ records, heads, keyring }, _clock, { tsa }) => {
    const report = await verifyStore(
      { records, heads },
      [await keyring.rootDer(), ...trustedTsa(tsa)],
      known,
    );
    const { faults, newest } = report;
    printResult(report, json, [
      `${report.records} records of ${report.events} events; ${report.roots} hourly roots over ${report.leaves} heads`,
      `${report.uncovered} records have moved since the last root, or are in none yet; ${report.unstamped} roots wait for the TSA`,
      ...faults.map(
        ({ code, hour, actorId, detail }) =>
          `  WRONG  ${code}  ${[actorId, hour === undefined ? "" : `hour ${hour}`, detail].filter(Boolean).join(" ")}`,
      ),
      faults.length === 0 ? "All is whole" : `${faults.length} faults`,
      ...(newest === "" ? [] : [`Newest statement, to keep elsewhere: ${newest}`]),
    ]);
    if (faults.length > 0) process.exitCode = 1;
  });
}
