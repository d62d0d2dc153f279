import { Command } from "commander";
import { authoritiesOf } from "../../identity/authorities.ts";
import { printResult } from "../print.ts";
import { withStore } from "../with-store.ts";
import { crlCommand } from "./crl.ts";
import { addAuthorityCommands } from "./issuing.ts";
import { rootKeyCommand } from "./root-key.ts";

export function authorityCommand(): Command {
  const authority = new Command("authority").description("the root and the issuing authorities");
  authority
    .command("list")
    .description("show the authorities, where their keys are, and until when they last")
    .option("--json", "print one JSON object")
    .action(list);
  return addAuthorityCommands(authority).addCommand(rootKeyCommand()).addCommand(crlCommand());
}

async function list({ json }: { json?: boolean }): Promise<void> {
  await withStore(async ({ keyring, revocations }, clock) => {
    const authorities = await authoritiesOf(keyring, clock);
    const shown = await Promise.all(
      authorities.map(async ({ id, isRoot, keyIn, notAfter, retiredAt, revokedAt }) => ({
        id,
        kind: isRoot ? "root" : "issuing",
        state: revokedAt !== undefined ? "revoked" : retiredAt !== undefined ? "replaced" : "present",
        keyIn,
        until: new Date(notAfter).toISOString(),
        revoked: await revocations.count(id),
      })),
    );
    const lines = shown.map(
      ({ id, kind, state, keyIn, until, revoked }) =>
        `${id}  ${kind.padEnd(7)}  ${state.padEnd(8)}  key: ${keyIn.padEnd(5)}  until ${until.slice(0, 10)}  revoked: ${revoked}`,
    );
    printResult({ authorities: shown }, json, lines);
  });
}
