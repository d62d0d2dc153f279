import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import forge from "node-forge";
import type { FileKeyMaterial } from "../../src/actors/runtime/ports.ts";
import { createKeyPair, createRoot, issueCertificate, validityOf } from "../../src/workers/x509/issue.ts";

export const keyKinds = ["P-256", "RSA-2048"] as const;
export type KeyKind = (typeof keyKinds)[number];

/** A seal's key with its certificate, issued by the root itself; as PKCS#12 too where node-forge can write one. */
export interface Identity {
  key: FileKeyMaterial;
  rootDer: Uint8Array;
  p12?: Uint8Array;
}

export const p12Password = "bench";

export function makeIdentities(now: Date): Record<KeyKind, Identity> {
  const rootKeys = createKeyPair("P-384");
  const organization = "Collecte bench";
  const rootName = { commonName: "Collecte bench root", organization, country: "FR" };
  const rootDer = createRoot(rootName, rootKeys, validityOf("root", now));
  const certified = (kind: KeyKind, privateKey: KeyObject, publicKeyDer: Uint8Array): Identity => {
    const subject = {
      commonName: `Collecte bench ${kind}`,
      organization,
      organizationIdentifier: "NTRFR-123456789",
      country: "FR",
    };
    const issuer = { certificateDer: rootDer, privateKey: rootKeys.privateKey };
    const certificateDer = issueCertificate(issuer, subject, publicKeyDer, "seal", validityOf("seal", now));
    const pkcs8 = privateKey.export({ type: "pkcs8", format: "der" });
    return { key: { keyId: kind, pkcs8, certificateDer, chainDer: [] }, rootDer };
  };
  const ec = createKeyPair("P-256");
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const rsaIdentity = certified(
    "RSA-2048",
    rsa.privateKey,
    rsa.publicKey.export({ type: "spki", format: "der" }),
  );
  return {
    "P-256": certified("P-256", ec.privateKey, ec.publicKeyDer),
    "RSA-2048": { ...rsaIdentity, p12: containerOf(rsaIdentity) },
  };
}

/** node-forge reads no certificate signed by an EC key: one of its own stands in, over the same RSA key. */
function containerOf({ key }: Identity): Uint8Array {
  const pem = createPrivateKey({ key: Buffer.from(key.pkcs8), format: "der", type: "pkcs8" });
  const privateKey = forge.pki.privateKeyFromPem(pem.export({ type: "pkcs1", format: "pem" }).toString());
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(privateKey.n, privateKey.e);
  certificate.serialNumber = "01";
  certificate.validity.notAfter = new Date(Date.now() + 365 * 24 * 3_600_000);
  const name = [{ name: "commonName", value: "Collecte bench RSA-2048, self-signed" }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.sign(privateKey, forge.md.sha256.create());
  const container = forge.pkcs12.toPkcs12Asn1(privateKey, [certificate], p12Password, { algorithm: "3des" });
  return Buffer.from(forge.asn1.toDer(container).getBytes(), "latin1");
}
