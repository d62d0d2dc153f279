import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "mocha";
import type { TokenKeySpec } from "../../src/actors/runtime/ports.ts";
import { temporaryFolder } from "./folders.ts";
import { needProgram } from "./programs.ts";

const modulePath = [
  "/usr/lib/softhsm/libsofthsm2.so",
  "/usr/lib64/softhsm/libsofthsm2.so",
  "/usr/local/lib/softhsm/libsofthsm2.so",
].find((path) => existsSync(path));

const pin = "648219";

export const keyTypes = ["P-256", "P-384", "RSA-2048"] as const;
export type KeyType = (typeof keyTypes)[number];

function keyPairOf(type: KeyType) {
  return type === "RSA-2048"
    ? generateKeyPairSync("rsa", { modulusLength: 2048 })
    : generateKeyPairSync("ec", { namedCurve: type });
}

/** A token of SoftHSM in a folder of its own; the process must ask for it by `environment`. */
export interface SoftToken {
  modulePath: string;
  pin: string;
  environment: { SOFTHSM2_CONF: string };
  /** Puts a new key into the token and answers its public half as SPKI in DER. */
  makeKey(label: string, type: KeyType): Uint8Array;
  spec(keyLabel: string): TokenKeySpec;
  remove(): Promise<void>;
}

/** Skips the test, loudly, without SoftHSM. Sets SOFTHSM2_CONF for this process until `remove`. */
export async function softToken(test: Context): Promise<SoftToken> {
  needProgram(test, "softhsm2-util");
  if (modulePath === undefined) throw new Error("softhsm2-util is here, but its module is not");
  const folder = await temporaryFolder();
  await mkdir(join(folder, "tokens"));
  const conf = join(folder, "softhsm2.conf");
  await writeFile(
    conf,
    `directories.tokendir = ${folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  const before = process.env["SOFTHSM2_CONF"];
  process.env["SOFTHSM2_CONF"] = conf;
  const label = `token of ${folder.slice(-6)}`;
  const softhsm = (...args: string[]) => execFileSync("softhsm2-util", args, { stdio: "pipe" });
  softhsm("--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", "11223344");
  return {
    modulePath,
    pin,
    environment: { SOFTHSM2_CONF: conf },
    makeKey(keyLabel, type) {
      const { privateKey, publicKey } = keyPairOf(type);
      const file = join(folder, "key.pem");
      writeFileSync(file, privateKey.export({ type: "pkcs8", format: "pem" }));
      const id = Buffer.from(keyLabel).toString("hex");
      softhsm("--import", file, "--token", label, "--label", keyLabel, "--id", id, "--pin", pin);
      return Uint8Array.from(publicKey.export({ type: "spki", format: "der" }));
    },
    spec: (keyLabel) => ({ modulePath, tokenLabel: label, keyLabel, pin }),
    async remove() {
      if (before === undefined) delete process.env["SOFTHSM2_CONF"];
      else process.env["SOFTHSM2_CONF"] = before;
      await rm(folder, { recursive: true });
    },
  };
}
