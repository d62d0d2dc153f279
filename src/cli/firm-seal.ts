import { readFile } from "node:fs/promises";
import { Command } from "commander";
import type { Clock, Firm } from "../actors/runtime/ports.ts";
import { enrolSeal } from "../identity/enrolment.ts";
import { type ImportedSeal, sealFromPkcs12, sealFromToken } from "../identity/import-seal.ts";
import { certificatesIn } from "../identity/pem.ts";
import type { RevocationReason } from "../store/revocations.ts";
import type { Store } from "../store/store.ts";
import { CliFault } from "./fault.ts";
import { explained } from "./key-faults.ts";
import { printResult } from "./print.ts";
import { reasonOption } from "./reasons.ts";
import { refuseSecond, revokeOwned } from "./revoking.ts";
import { secretIn } from "./secret-file.ts";
import { withStore } from "./with-store.ts";

interface ImportOptions {
  firm: string;
  p12?: string;
  passwordFile?: string;
  chain?: string;
  pkcs11?: string;
  token?: string;
  key?: string;
  certificate?: string;
  pinFile?: string;
  json?: boolean;
}

export function firmSealCommand(): Command {
  const seal = new Command("seal").description("a firm's seal: revoke, renew, or bring your own");
  seal
    .command("import")
    .description("use a certificate that the firm bought: a PKCS#12 file, or a key in a PKCS#11 token")
    .requiredOption("--firm <id>", "the firm's id")
    .option("--p12 <file>", "a PKCS#12 container (.p12, .pfx)")
    .option("--password-file <file>", "holds the container's password; none: the empty password")
    .option("--chain <file>", "PEM: certificates of the issuers, when the container lacks them")
    .option("--pkcs11 <module>", "the path of the token's PKCS#11 module")
    .option("--token <label>", "the token's label")
    .option("--key <label>", "the private key's label in the token")
    .option("--certificate <file>", "PEM: the key's certificate, then those of its issuers")
    .option("--pin-file <file>", "holds the token's PIN")
    .option("--json", "print one JSON object")
    .action(importSeal);
  seal
    .command("revoke")
    .description("revoke a firm's seal: it seals no more")
    .requiredOption("--firm <id>", "the firm's id")
    .addOption(reasonOption())
    .option("--json", "print one JSON object")
    .action(async ({ firm, ...options }: { firm: string; reason: RevocationReason; json?: boolean }) => {
      await withStore((store, clock) => revokeOwned(store, clock, firm, `the firm ${firm}`, options));
    });
  seal
    .command("renew")
    .description("make a firm a new seal, once the old one was revoked or has run out")
    .requiredOption("--firm <id>", "the firm's id")
    .option("--siren <number>", "the firm's number in the national register, nine figures")
    .option("--json", "print one JSON object")
    .action(async ({ firm: id, siren, json }: { firm: string; siren?: string; json?: boolean }) => {
      if (siren !== undefined && !/^\d{9}$/.test(siren)) throw new CliFault("--siren: must be nine figures");
      await withStore(async (store, clock, { baseUrl }) => {
        const firm = await knownFirm(store, id);
        await refuseSecond(store, clock, id, `the firm ${id}`);
        await store.together(({ keyring }) => enrolSeal(keyring, clock, firm, siren, baseUrl));
        printResult({ firm: id }, json, [`Renewed   the seal of ${firm.name}`]);
      });
    });
  return seal;
}

async function importSeal(options: ImportOptions): Promise<void> {
  await withStore(async (store, clock) => {
    const firm = await knownFirm(store, options.firm);
    await refuseSecond(store, clock, firm.id, `the firm ${firm.id}`);
    const { key, brought } = await explained(() => imported(options, clock));
    const { certificate } = brought;
    await store.together(({ keyring }) => keyring.add(firm.id, key, certificate.notAfter.getTime()));
    const { commonName, organization } = certificate.subject;
    const name = commonName ?? organization ?? "";
    const until = certificate.notAfter.toISOString();
    printResult({ firm: firm.id, name, serial: certificate.serialHex, until }, options.json, [
      `Seal      ${name}`,
      `Until     ${until}`,
    ]);
  });
}

async function imported(options: ImportOptions, clock: Clock): Promise<ImportedSeal> {
  const { p12, pkcs11, token, key, certificate, pinFile } = options;
  if (p12 !== undefined && pkcs11 === undefined) {
    const password = options.passwordFile === undefined ? "" : await secretIn(options.passwordFile);
    const more = options.chain === undefined ? [] : certificatesIn(await readFile(options.chain, "utf8"));
    return sealFromPkcs12(await readFile(p12), password, more, clock);
  }
  if (p12 !== undefined || pkcs11 === undefined)
    throw new CliFault("give --p12, or --pkcs11 with --token, --key, --certificate and --pin-file");
  if (token === undefined || key === undefined || certificate === undefined || pinFile === undefined)
    throw new CliFault("--pkcs11 needs --token, --key, --certificate and --pin-file");
  const spec = { modulePath: pkcs11, tokenLabel: token, keyLabel: key, pin: await secretIn(pinFile) };
  return sealFromToken(spec, certificatesIn(await readFile(certificate, "utf8")), clock);
}

async function knownFirm(store: Store, id: string): Promise<Firm> {
  const firm = await store.directory.firm(id);
  if (!firm) throw new CliFault(`--firm: there is no firm ${id}`);
  return firm;
}
