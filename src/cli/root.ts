import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { pemOf } from "../identity/pem.ts";
import { printResult } from "./print.ts";
import { withStore } from "./with-store.ts";

export function rootCommand(): Command {
  return new Command("root")
    .description("write the root certificate that every signature of this engine leads to")
    .option("--out <file>", "a PEM file", "ca.pem")
    .option("--json", "print one JSON object")
    .action(async ({ out, json }: { out: string; json?: boolean }) => {
      await withStore(async ({ keyring }) => writeFile(out, pemOf(await keyring.rootDer())));
      printResult({ out }, json, [`Root certificate written to ${out}`]);
    });
}
