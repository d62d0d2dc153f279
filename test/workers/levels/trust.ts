import { randomBytes } from "node:crypto";
import type {
  FileKeyMaterial,
  LevelPool,
  RevocationSource,
  SignerSpec,
  StampedPool,
  StampingUnit,
  Tsa,
} from "../../../src/actors/runtime/ports.ts";
import { buildTimestampToken } from "../../../src/workers/cms/timestamp/token.ts";
import { archive } from "../../../src/workers/levels/archive.ts";
import { finish } from "../../../src/workers/levels/finish.ts";
import { gather } from "../../../src/workers/levels/gather.ts";
import { prepare } from "../../../src/workers/levels/prepare.ts";
import { finishStamped, gatherStamped } from "../../../src/workers/levels/stamped.ts";
import { signDocument } from "../../../src/workers/sign-document.ts";
import { readCertificate } from "../../../src/workers/x509/certificate.ts";
import { buildCrl } from "../../../src/workers/x509/crl.ts";
import {
  type CertificateProfile,
  createKeyPair,
  createRoot,
  type Issuer,
  issueCertificate,
  validityOf,
} from "../../../src/workers/x509/issue.ts";
import { certIdOf } from "../../../src/workers/x509/ocsp.ts";
import { buildOcspResponse } from "../../../src/workers/x509/ocsp-response.ts";
import { rsaKeyPair } from "../pki.ts";

/** A root, what it issued, a TSA and an OCSP responder that always answer, all on one clock. */
export interface Trust {
  clock: { now(): number };
  rootDer: Uint8Array;
  client(name: string): SignerSpec;
  seal: SignerSpec;
  /** Of an engine's seal of evidence files. */
  evidence: FileKeyMaterial;
  tsa: Tsa;
  /** The same TSA as a unit of ours. */
  unit(): StampingUnit;
  revocation: RevocationSource;
}

export function createTrust(clock: { now(): number }): Trust {
  const now = new Date(clock.now());
  const rootKeys = createKeyPair("P-384");
  const rootDer = createRoot({ country: "FR", commonName: "Racine" }, rootKeys, validityOf("root", now));
  const root: Issuer = { certificateDer: rootDer, privateKey: rootKeys.privateKey };
  const issue = (
    profile: Exclude<CertificateProfile, "root">,
    issuer: Issuer,
    keys = createKeyPair("P-256"),
  ) => {
    const name = { country: "FR", organization: "Cabinet", commonName: `Un ${profile}` };
    const subject = profile === "seal" ? { ...name, organizationIdentifier: "NTRFR-123456789" } : name;
    const { publicKeyDer, privateKey } = keys;
    const certificateDer = issueCertificate(issuer, subject, publicKeyDer, profile, validityOf(profile, now));
    return { certificateDer, privateKey };
  };
  const issuing = issue("issuing", root);
  const chainDer = [issuing.certificateDer];
  const material = ({ certificateDer, privateKey }: ReturnType<typeof issue>): FileKeyMaterial => ({
    keyId: randomBytes(8).toString("hex"),
    certificateDer,
    chainDer: [],
    pkcs8: privateKey.export({ type: "pkcs8", format: "der" }),
  });
  const authority = material(issuing);
  const unit = { ...issue("timestamping", issuing), chainDer };
  const responder = { ...issue("ocsp", issuing), chainDer: [] };
  const seal = { ...material(issue("seal", issuing, rsaKeyPair())), chainDer };
  const crl = buildCrl(root, {
    thisUpdate: now,
    nextUpdate: new Date(now.getTime() + 30 * 24 * 3_600_000),
    number: 1n,
    revoked: [],
  });
  return {
    clock,
    rootDer,
    client: (name) => ({
      kind: "one-use",
      authority,
      rootDer,
      subject: { givenName: name, surname: "Test", country: "FR" },
    }),
    seal: { kind: "kept", key: seal, rootDer },
    evidence: { ...material(issue("evidence", issuing)), chainDer },
    tsa: {
      stamp: async (digest) =>
        buildTimestampToken(unit, {
          digest,
          policy: "2.999.1.1",
          serial: BigInt(`0x${randomBytes(8).toString("hex")}`),
          genTime: new Date(clock.now()),
        }),
    },
    unit: () => ({
      key: { ...material(unit), chainDer },
      policy: "2.999.1.1",
      aheadMs: clock.now() - Date.now(),
    }),
    revocation: {
      async evidenceFor(chain) {
        const [signer, issuer] = chain.map((der) => readCertificate(der));
        if (signer === undefined || issuer === undefined) throw new Error("a chain of one");
        const thisUpdate = new Date(clock.now());
        const nextUpdate = new Date(clock.now() + 3_600_000);
        const certId = certIdOf(signer, issuer);
        const archiveCutoff = issuer.notBefore;
        const statement = { certId, status: "good", thisUpdate, nextUpdate, archiveCutoff } as const;
        return { crls: [crl], ocsps: [buildOcspResponse(responder, [statement], thisUpdate)] };
      },
    },
  };
}

/** The steps in this thread. */
export const inThisThread: LevelPool & StampedPool = {
  gatherStamped: async (task, tokenBytes, unit) => gatherStamped(task, tokenBytes, unit),
  finishStamped,
  sign: signDocument,
  prepare: async (task, tokenBytes) => prepare(task, tokenBytes),
  gather: async (task, draft, token) => gather(task, draft, token),
  archive: async (task, draft, evidence, tokenBytes) => archive(task, draft, evidence, tokenBytes),
  finish: async (task, draft, token) => finish(task, draft, token),
};
