import { readFile, writeFile } from "node:fs/promises";
import { Command } from "commander";
import { systemClock } from "../../clock.ts";
import { authorityIdOf } from "../../identity/authority-urls.ts";
import {
  certifyAuthority,
  installAuthority,
  requestAuthority,
  rotateAuthority,
} from "../../identity/issuing-authority.ts";
import { certificatesIn, derIn, pemBlock, pemOf } from "../../identity/pem.ts";
import { renewServiceKeys } from "../../identity/service-keys.ts";
import { CliFault } from "../fault.ts";
import { explained } from "../key-faults.ts";
import { printResult } from "../print.ts";
import { secretIn } from "../secret-file.ts";
import { withStore } from "../with-store.ts";
import { type RootKeyOptions, rootKeyFrom } from "./root-key.ts";

interface InstallOptions {
  certificate: string;
  pkcs11?: string;
  token?: string;
  key?: string;
  pinFile?: string;
  json?: boolean;
}

export function addAuthorityCommands(authority: Command): Command {
  return authority
    .addCommand(rotateCommand())
    .addCommand(
      new Command("csr")
        .description("make a key for a new issuing authority and a request for its certificate")
        .requiredOption("--out <file>", "PEM, for whoever holds the root's key or another authority's")
        .option("--json", "print one JSON object")
        .action(request),
    )
    .addCommand(
      new Command("sign")
        .description("answer such a request with the root's key; needs no store, so that it works anywhere")
        .requiredOption("--csr <file>", "the request, PEM")
        .requiredOption("--root-key <file>", "what root export wrote")
        .requiredOption("--passphrase-file <file>", "holds its passphrase")
        .requiredOption("--out <file>", "the certificate, PEM")
        .option("--base-url <url>", "COLLECTE_BASE_URL of the engine that publishes the root's list")
        .action(sign),
    )
    .addCommand(
      new Command("import")
        .description("put a certified issuing authority in the place of the present one")
        .requiredOption("--certificate <file>", "PEM: its certificate, then those of its issuers")
        .option("--pkcs11 <module>", "when its key is in a token: the path of the PKCS#11 module")
        .option("--token <label>", "the token's label")
        .option("--key <label>", "the private key's label in the token")
        .option("--pin-file <file>", "holds the token's PIN")
        .option("--json", "print one JSON object")
        .action(install),
    );
}

function rotateCommand(): Command {
  return new Command("rotate")
    .description("make a new issuing authority under the root; the old one stays for its revocation lists")
    .option("--services", "only the timestamp unit and the OCSP responders, with the present authority")
    .option("--root-key <file>", "what root export wrote, when the engine has no root key")
    .option("--passphrase-file <file>", "holds its passphrase")
    .option("--json", "print one JSON object")
    .action(rotate);
}

async function rotate(options: RootKeyOptions & { services?: boolean; json?: boolean }): Promise<void> {
  const root = await rootKeyFrom(options);
  await withStore(async (store, clock, { baseUrl }) => {
    if (!options.services) await explained(() => rotateAuthority(store, clock, root, baseUrl));
    // A rotation is asked for when keys are doubted: the next use makes the others anew as well.
    await renewServiceKeys(store);
    const { certificateDer } = await store.keyring.issuingAuthority();
    const id = authorityIdOf(certificateDer);
    printResult({ id }, options.json, [`Present authority   ${id}`]);
  });
}

async function request({ out, json }: { out: string; json?: boolean }): Promise<void> {
  await withStore(async (store, clock) => {
    await writeFile(out, pemBlock("CERTIFICATE REQUEST", await requestAuthority(store, clock)));
    printResult({ out }, json, [`Request written to ${out}; its key waits here for the certificate.`]);
  });
}

async function sign(options: RootKeyOptions & { csr: string; out: string; baseUrl?: string }): Promise<void> {
  const root = await rootKeyFrom(options);
  const [requestDer] = derIn(await readFile(options.csr, "utf8"), "CERTIFICATE REQUEST");
  if (root === undefined || requestDer === undefined) throw new CliFault("--csr: no certificate request");
  const certificateDer = await explained(() =>
    certifyAuthority(root, requestDer, systemClock, options.baseUrl),
  );
  await writeFile(options.out, pemOf(certificateDer));
  printResult({}, false, [`Certificate written to ${options.out}`]);
}

async function install(options: InstallOptions): Promise<void> {
  const certificates = certificatesIn(await readFile(options.certificate, "utf8"));
  const token = await tokenOf(options);
  await withStore(async (store, clock) => {
    const installed = await explained(() => installAuthority(store, clock, certificates, token));
    const id = authorityIdOf(installed.certificateDer);
    printResult({ id }, options.json, [`Present authority   ${id}`]);
  });
}

async function tokenOf({ pkcs11, token, key, pinFile }: InstallOptions) {
  if (pkcs11 === undefined) return undefined;
  if (token === undefined || key === undefined || pinFile === undefined)
    throw new CliFault("--pkcs11 needs --token, --key and --pin-file");
  return { modulePath: pkcs11, tokenLabel: token, keyLabel: key, pin: await secretIn(pinFile) };
}
