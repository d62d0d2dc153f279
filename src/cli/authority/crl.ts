import { readFile, writeFile } from "node:fs/promises";
import { Command } from "commander";
import { systemClock } from "../../clock.ts";
import { crlOrder, importRootCrl, orderRootCrl, signRootCrl } from "../../identity/root-crl.ts";
import { CliFault } from "../fault.ts";
import { explained } from "../key-faults.ts";
import { printResult } from "../print.ts";
import { withStore } from "../with-store.ts";
import { type RootKeyOptions, rootKeyFrom } from "./root-key.ts";

/** With the root's key elsewhere its list is made there: order here, sign there, import here. */
export function crlCommand(): Command {
  const crl = new Command("crl").description(
    "the root's revocation list, when the root's key is kept elsewhere",
  );
  crl
    .command("order")
    .description("write what the list must say")
    .requiredOption("--out <file>", "a JSON file for the machine that has the root's key")
    .action(async ({ out }: { out: string }) => {
      await withStore(async (store) => {
        const order = await orderRootCrl(store);
        await writeFile(out, `${JSON.stringify(order, null, 2)}\n`);
        printResult({}, false, [`List ${order.number}, ${order.revoked.length} revoked: written to ${out}`]);
      });
    });
  crl
    .command("sign")
    .description("sign the list with the root's key; needs no store, so that it works anywhere")
    .requiredOption("--order <file>", "what crl order wrote")
    .requiredOption("--root-key <file>", "what root export wrote")
    .requiredOption("--passphrase-file <file>", "holds its passphrase")
    .requiredOption("--out <file>", "the list, DER")
    .option("--days <count>", "for how long it may be believed", "180")
    .action(sign);
  crl
    .command("import")
    .description("publish a list that was signed elsewhere")
    .requiredOption("--in <file>", "the list, DER")
    .option("--json", "print one JSON object")
    .action(async (options: { in: string; json?: boolean }) => {
      const der = await readFile(options.in);
      await withStore(async (store) => {
        const number = await explained(() => importRootCrl(store, der));
        printResult({ number }, options.json, [`Published   list ${number}`]);
      });
    });
  return crl;
}

async function sign(options: RootKeyOptions & { order: string; out: string; days: string }): Promise<void> {
  const days = Number(options.days);
  if (!Number.isInteger(days) || days < 1 || days > 400) throw new CliFault("--days: must be from 1 to 400");
  const root = await rootKeyFrom(options);
  const order = crlOrder.safeParse(JSON.parse(await readFile(options.order, "utf8")));
  if (root === undefined || !order.success) throw new CliFault("--order: not what crl order wrote");
  await writeFile(options.out, await explained(() => signRootCrl(root, order.data, days, systemClock)));
  printResult({}, false, [`List ${order.data.number} written to ${options.out}`]);
}
