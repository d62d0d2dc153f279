import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { FileKeyMaterial, SignerSpec } from "../../src/actors/runtime/ports.ts";
import {
  createKeyPair,
  createRoot,
  issueCertificate,
  type KeyPair,
  validityOf,
} from "../../src/workers/x509/issue.ts";

/** A root, an issuing authority, a member and a firm's seal, made for one test. */
export interface TestPki {
  rootDer: Uint8Array;
  authority: FileKeyMaterial;
  member: FileKeyMaterial;
  seal: FileKeyMaterial;
}

export const someDay = new Date("2026-03-02T10:00:00Z");

export function createTestPki(now = someDay, name = "Cabinet Émeraude"): TestPki {
  const rootKeys = createKeyPair("P-384");
  const rootDer = createRoot(
    { country: "FR", organization: name, commonName: `${name} – Racine` },
    rootKeys,
    validityOf("root", now),
  );
  const issuingKeys = createKeyPair("P-256");
  const issuingDer = issueCertificate(
    { certificateDer: rootDer, privateKey: rootKeys.privateKey },
    { country: "FR", organization: name, commonName: `${name} – Émission` },
    issuingKeys.publicKeyDer,
    "issuing",
    validityOf("issuing", now),
  );
  const issuing = { certificateDer: issuingDer, privateKey: issuingKeys.privateKey };
  const person = {
    country: "FR",
    givenName: "Zoé",
    surname: "Lefèvre-Łuczak",
    commonName: "Zoé Lefèvre-Łuczak",
  };
  const memberKeys = createKeyPair("P-256");
  const memberDer = issueCertificate(
    issuing,
    person,
    memberKeys.publicKeyDer,
    "member",
    validityOf("member", now),
  );
  const sealKeys = rsaKeyPair();
  const firm = {
    country: "FR",
    organization: name,
    organizationIdentifier: "NTRFR-123456789",
    commonName: name,
  };
  const sealDer = issueCertificate(issuing, firm, sealKeys.publicKeyDer, "seal", validityOf("seal", now));
  return {
    rootDer,
    authority: material("authority", issuingKeys.privateKey, issuingDer, []),
    member: material("member", memberKeys.privateKey, memberDer, [issuingDer]),
    seal: material("seal", sealKeys.privateKey, sealDer, [issuingDer]),
  };
}

export function rsaKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { privateKey, publicKeyDer: publicKey.export({ type: "spki", format: "der" }) };
}

function material(
  keyId: string,
  key: KeyObject,
  certificateDer: Uint8Array,
  chainDer: Uint8Array[],
): FileKeyMaterial {
  return { keyId, pkcs8: key.export({ type: "pkcs8", format: "der" }), certificateDer, chainDer };
}

export function clientOf(
  { authority, rootDer }: TestPki,
  givenName = "Éloïse",
  surname = "D'Œuvre",
): SignerSpec {
  return { kind: "one-use", authority, rootDer, subject: { givenName, surname, country: "FR" } };
}

export const memberOf = ({ member, rootDer }: TestPki): SignerSpec => ({
  kind: "kept",
  key: member,
  rootDer,
});

export const sealOf = ({ seal, rootDer }: TestPki): SignerSpec => ({ kind: "kept", key: seal, rootDer });
