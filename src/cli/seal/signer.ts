import { createPublicKey, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { LevelDeps } from "../../actors/effects/sign-at-level.ts";
import type { Clock, KeyMaterial, SignerSpec } from "../../actors/runtime/ports.ts";
import { systemClock } from "../../clock.ts";
import {
  type BroughtCertificate,
  BroughtRefused,
  broughtCertificate,
} from "../../identity/brought-certificate.ts";
import { certificatesIn } from "../../identity/pem.ts";
import { openPkcs12, Pkcs12Refused } from "../../workers/x509/pkcs12.ts";
import { CliFault } from "../fault.ts";
import { withStore } from "../with-store.ts";
import { pkcs8Of } from "./private-key.ts";
import { createTestAuthority } from "./test-authority.ts";

/** Whose key seals; at most one of `p12`, `key` with `certificate`, and `firm`. */
export interface KeyChoice {
  p12?: string | undefined;
  passwordFile?: string | undefined;
  key?: string | undefined;
  certificate?: string | undefined;
  firm?: string | undefined;
}

/** Who seals, under which name, and the root to trust for it. */
export interface Sealer {
  signer: SignerSpec;
  name: string;
  rootDer: Uint8Array;
  /** Made for this run: nobody may take its seals for real ones. */
  isTest: boolean;
  /** When it seals: a firm's seal goes by its engine's clock, which test mode may have moved. */
  clock: Clock;
  /** Of the test authority: who stamps and who vouches. */
  services?: Pick<LevelDeps, "tsa" | "revocation">;
}

/** The sealer that the options name, or one of a test authority made for this run. Throws a `CliFault`. */
export async function sealerOf(choice: KeyChoice, now: Date): Promise<Sealer> {
  const { p12, key, certificate, firm } = choice;
  if ([p12, key, firm].filter((one) => one !== undefined).length > 1)
    throw new CliFault("give one of --p12, --key and --firm");
  if ((key === undefined) !== (certificate === undefined))
    throw new CliFault("--key and --certificate go together");
  try {
    if (firm !== undefined) return await firmSealer(firm);
    if (p12 !== undefined) {
      const password = choice.passwordFile === undefined ? "" : await secretIn(choice.passwordFile);
      const { pkcs8, certificatesDer } = openPkcs12(await readFile(p12), password);
      return broughtSealer(pkcs8, certificatesDer, now);
    }
    if (key !== undefined && certificate !== undefined) {
      const password = choice.passwordFile === undefined ? undefined : await secretIn(choice.passwordFile);
      const pkcs8 = pkcs8Of(await readFile(key, "utf8"), password);
      return broughtSealer(pkcs8, certificatesIn(await readFile(certificate, "utf8")), now);
    }
    return testSealer(now);
  } catch (cause) {
    if (cause instanceof Pkcs12Refused || cause instanceof BroughtRefused)
      throw new CliFault(`this key can't seal: ${cause.code}`, { cause });
    throw cause;
  }
}

const secretIn = async (file: string) => (await readFile(file, "utf8")).replace(/\r?\n$/, "");

function broughtSealer(pkcs8: Uint8Array, certificatesDer: Uint8Array[], now: Date): Sealer {
  const publicKey = createPublicKey({
    key: `-----BEGIN PRIVATE KEY-----\n${Buffer.from(pkcs8).toString("base64")}\n-----END PRIVATE KEY-----\n`,
    format: "pem",
  });
  const found: BroughtCertificate = broughtCertificate(
    certificatesDer,
    (one) => one.publicKey.equals(publicKey),
    now,
  );
  const { certificate, chainDer, anchorDer } = found;
  const key: KeyMaterial = { keyId: randomUUID(), pkcs8, certificateDer: certificate.der, chainDer };
  const { commonName, organization } = certificate.subject;
  return sealer(key, anchorDer, commonName ?? organization ?? "", false);
}

function firmSealer(firmId: string): Promise<Sealer> {
  return withStore(async ({ keyring, directory }, clock) => {
    const firm = await directory.firm(firmId);
    if (firm === undefined) throw new CliFault(`--firm: there is no firm ${firmId}`);
    const [key, rootDer] = await Promise.all([keyring.ownedBy(firmId), keyring.rootDer()]);
    const aheadMs = clock.now() - systemClock.now();
    const engineClock = { now: () => systemClock.now() + aheadMs };
    return { ...sealer(key, rootDer, firm.name, false), clock: engineClock };
  });
}

function testSealer(now: Date): Sealer {
  const { key, rootDer, name, services } = createTestAuthority(now);
  return { ...sealer(key, rootDer, name, true), services };
}

const sealer = (key: KeyMaterial, rootDer: Uint8Array, name: string, isTest: boolean): Sealer => ({
  signer: { kind: "kept", key, rootDer },
  name,
  rootDer,
  isTest,
  clock: systemClock,
});
