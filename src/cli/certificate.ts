import { Command } from "commander";
import { revokeSerial } from "../identity/revoke.ts";
import type { RevocationReason } from "../store/revocations.ts";
import { CliFault } from "./fault.ts";
import { printResult } from "./print.ts";
import { reasonOption } from "./reasons.ts";
import { withStore } from "./with-store.ts";

export function certificateCommand(): Command {
  const certificate = new Command("certificate").description("certificates of any kind, by serial number");
  certificate
    .command("revoke")
    .description("revoke one certificate, a one-use one too")
    .requiredOption("--serial <hex>", "its serial number, as verify --json and the history show it")
    .addOption(reasonOption())
    .option("--json", "print one JSON object")
    .action(async (options: { serial: string; reason: RevocationReason; json?: boolean }) => {
      const serialHex = options.serial
        .replaceAll(":", "")
        .toLowerCase()
        .replace(/^(00)+(?=..)/, "");
      if (!/^([0-9a-f]{2}){1,20}$/.test(serialHex))
        throw new CliFault("--serial: must be hexadecimal, 40 digits at most");
      await withStore(async (store, clock) => {
        const { isPublished } = await revokeSerial(store, clock, serialHex, options.reason);
        printResult({ serial: serialHex, isPublished }, options.json, [`Revoked   ${serialHex}`]);
      });
    });
  return certificate;
}
