import { Command } from "commander";
import { printResult } from "./print.ts";
import { withStore } from "./with-store.ts";

export function stuckCommand(): Command {
  return new Command("stuck")
    .description("show the mails, SMS and signatures that failed for good, by cause, and try them again")
    .option("--retry", "make them due again: a running engine takes them within a second")
    .option("--cause <code>", "only those that failed with this code")
    .option("--json", "print one JSON object")
    .action(stuck);
}

async function stuck({
  retry,
  cause,
  json,
}: {
  retry?: boolean;
  cause?: string;
  json?: boolean;
}): Promise<void> {
  await withStore(async (store) => {
    const causes = (await store.stuck.causes()).filter(({ error }) => cause === undefined || error === cause);
    const retried = retry ? await store.stuck.retry(cause) : 0;
    const lines = causes.map(({ kind, error, count }) => `${String(count).padStart(6)}  ${kind}  ${error}`);
    const end = retry ? `${retried} will be tried again` : "collecte stuck --retry tries them again";
    printResult({ causes, retried }, json, causes.length > 0 ? [...lines, end] : ["nothing is stuck"]);
  });
}
