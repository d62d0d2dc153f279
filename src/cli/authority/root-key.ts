import { open, readFile } from "node:fs/promises";
import { Command } from "commander";
import type { FileKeyMaterial } from "../../actors/runtime/ports.ts";
import { openRootKey, sealRootKey } from "../../identity/root-key-file.ts";
import { rootOwner } from "../../store/keyring.ts";
import type { Store } from "../../store/store.ts";
import { CliFault } from "../fault.ts";
import { explained } from "../key-faults.ts";
import { printResult } from "../print.ts";
import { secretIn } from "../secret-file.ts";
import { withStore } from "../with-store.ts";

/** Where the root's key is when it is kept outside the store. */
export interface RootKeyOptions {
  rootKey?: string;
  passphraseFile?: string;
}

const shortestPassphrase = 12;

export function rootKeyCommand(): Command {
  const root = new Command("root").description("take the root's key away from the engine, or bring it back");
  root
    .command("export")
    .description("write the root's key to an encrypted file and forget it: the engine keeps the certificate")
    .requiredOption("--out <file>", "a new file, for a safe place that is not this machine")
    .requiredOption("--passphrase-file <file>", "holds the passphrase, twelve characters or more")
    .option("--json", "print one JSON object")
    .action(takeAway);
  root
    .command("import")
    .description("give the root's key back to the engine")
    .requiredOption("--in <file>", "what root export wrote")
    .requiredOption("--passphrase-file <file>", "holds the passphrase")
    .option("--json", "print one JSON object")
    .action(bringBack);
  return root;
}

async function takeAway(options: { out: string; passphraseFile: string; json?: boolean }): Promise<void> {
  const passphrase = await secretIn(options.passphraseFile);
  if (passphrase.length < shortestPassphrase)
    throw new CliFault(`--passphrase-file: the passphrase has fewer than ${shortestPassphrase} characters`);
  await withStore(async (store) => {
    const entry = await rootEntry(store);
    const key = await store.keyring.key(entry.keyId);
    if (key?.pkcs8 === undefined) throw new CliFault("the root's key is not here");
    await writeWhole(options.out, sealRootKey(key, passphrase));
    // Forgotten only when what is on the disk opens.
    await explained(async () => openRootKey(await readFile(options.out, "utf8"), passphrase));
    await store.together(({ keyring }) => keyring.setKey(entry.keyId, undefined));
  });
  printResult({ out: options.out }, options.json, [
    `Root key written to ${options.out}, and forgotten here.`,
    "Backups of the data folder or database from before still hold it, under COLLECTE_SECRET.",
  ]);
}

async function bringBack(options: { in: string; passphraseFile: string; json?: boolean }): Promise<void> {
  const root = await rootKeyFrom({ rootKey: options.in, passphraseFile: options.passphraseFile });
  if (root === undefined) throw new CliFault("--in and --passphrase-file are needed");
  await withStore(async (store) => {
    const entry = await rootEntry(store);
    if (Buffer.compare(entry.certificateDer, root.certificateDer) !== 0)
      throw new CliFault("--in: this is the key of another root");
    await store.together(({ keyring }) => keyring.setKey(entry.keyId, root.pkcs8));
  });
  printResult({ in: options.in }, options.json, ["The engine has the root's key again."]);
}

/** The root's key from its file; undefined when none was named. */
export async function rootKeyFrom({
  rootKey,
  passphraseFile,
}: RootKeyOptions): Promise<FileKeyMaterial | undefined> {
  if (rootKey === undefined) return undefined;
  if (passphraseFile === undefined) throw new CliFault("--root-key needs --passphrase-file");
  const passphrase = await secretIn(passphraseFile);
  const text = await readFile(rootKey, "utf8");
  return explained(() => openRootKey(text, passphrase));
}

async function rootEntry({ keyring }: Store) {
  const entry = (await keyring.entries(rootOwner)).at(-1);
  if (entry === undefined) throw new CliFault("there is no root");
  return entry;
}

/** Never over another file, and on the disk when it returns. */
async function writeWhole(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
