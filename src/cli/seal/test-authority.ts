import { randomBytes, randomUUID } from "node:crypto";
import type { LevelDeps } from "../../actors/effects/sign-at-level.ts";
import type { KeyMaterial } from "../../actors/runtime/ports.ts";
import { buildTimestampToken } from "../../workers/cms/timestamp/token.ts";
import { buildCrl } from "../../workers/x509/crl.ts";
import {
  createKeyPair,
  createRoot,
  type Issuer,
  issueCertificate,
  validityOf,
} from "../../workers/x509/issue.ts";

/** An authority for one run, its seal, and what stamps and vouches for it: all worth nothing, and named so. */
export interface TestAuthority {
  key: KeyMaterial;
  rootDer: Uint8Array;
  name: string;
  services: Pick<LevelDeps, "tsa" | "revocation">;
}

const organization = "Collecte TEST";
const policy = "2.999.1.2";
/** As long as an engine's own lists: whoever looks at the file that day or the next finds one that is not due for renewal. */
const listValidMs = 7 * 24 * 3_600_000;

export function createTestAuthority(now: Date): TestAuthority {
  const rootKeys = createKeyPair("P-384");
  const rootName = { commonName: "Collecte TEST Root", organization, country: "FR" };
  const rootDer = createRoot(rootName, rootKeys, validityOf("root", now));
  const root: Issuer = { certificateDer: rootDer, privateKey: rootKeys.privateKey };
  const issue = (profile: "seal" | "timestamping", subject: { commonName: string }) => {
    const { publicKeyDer, privateKey } = createKeyPair("P-256");
    const name = { ...subject, organization, country: "FR" };
    const certificateDer = issueCertificate(root, name, publicKeyDer, profile, validityOf(profile, now));
    return { certificateDer, privateKey, chainDer: [] };
  };
  const name = "Collecte TEST Seal";
  const seal = issue("seal", { commonName: name, ...{ organizationIdentifier: "CO:FR-TEST" } });
  const unit = issue("timestamping", { commonName: "Collecte TEST Timestamp Unit" });
  const { certificateDer, chainDer } = seal;
  const pkcs8 = seal.privateKey.export({ type: "pkcs8", format: "der" });
  return {
    key: { keyId: randomUUID(), pkcs8, certificateDer, chainDer },
    rootDer,
    name,
    services: {
      tsa: {
        stamp: async (digest) => {
          const serial = BigInt(`0x${randomBytes(16).toString("hex")}`);
          return buildTimestampToken(unit, { digest, policy, serial, genTime: new Date() });
        },
      },
      revocation: { evidenceFor: listsOf(root) },
    },
  };
}

/** The root's list, of this second: one that is older than a timestamp says nothing of it. */
function listsOf(root: Issuer): LevelDeps["revocation"]["evidenceFor"] {
  let latest: { second: number; crl: Uint8Array } | undefined;
  return async () => {
    const second = Math.floor(Date.now() / 1000);
    if (latest?.second !== second) {
      const thisUpdate = new Date(second * 1000);
      const nextUpdate = new Date(second * 1000 + listValidMs);
      const crl = buildCrl(root, { thisUpdate, nextUpdate, number: BigInt(second), revoked: [] });
      latest = { second, crl };
    }
    return { crls: [latest.crl], ocsps: [] };
  };
}
