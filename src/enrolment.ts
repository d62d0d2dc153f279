import type { Clock, Firm, KeyMaterial, Member } from "./actors/runtime/ports.ts";
import { authorityOwner, rootOwner, type WritableKeyring } from "./store/keyring.ts";
import type { Store } from "./store/store.ts";
import { loadKey } from "./workers/signer-keys.ts";
import {
  type CertificateProfile,
  createKeyPair,
  createRoot,
  type Issuer,
  issueCertificate,
  type KeyPair,
  validityOf,
} from "./workers/x509/issue.ts";
import { type DistinguishedName, personCommonName } from "./workers/x509/name.ts";

/**
 * Makes the engine's root and issuing authority if there are none. Their names say so in test mode: nobody may take
 * a trial's signatures for real ones.
 */
export async function ensureAuthority(
  { keyring, together }: Pick<Store, "keyring" | "together">,
  clock: Clock,
  mode: string,
): Promise<void> {
  if (await keyring.find(authorityOwner)) return;
  const title = mode === "production" ? "Collecte" : "Collecte TEST";
  await together(async ({ keyring: added }) => {
    // Another process may have been faster.
    if (await added.find(authorityOwner)) return;
    // A root may stand alone: its authority has run out, or was never made.
    const root = (await added.find(rootOwner)) ?? (await enrolRoot(added, clock, title));
    const subject = { commonName: `${title} Issuing Authority`, organization: title, country: "FR" };
    await enrol(added, clock, authorityOwner, issuerOf(root), subject, "issuing");
  });
}

async function enrolRoot(keyring: WritableKeyring, clock: Clock, title: string): Promise<KeyMaterial> {
  const keys = createKeyPair("P-384");
  const validity = validityOf("root", new Date(clock.now()));
  const subject = { commonName: `${title} Root`, organization: title, country: "FR" };
  const certificateDer = createRoot(subject, keys, validity);
  const key = keyMaterial(keys.privateKey, certificateDer, []);
  return keyring.add(rootOwner, key, validity.notAfter.getTime());
}

/** A member's own certificate, for 3 years. Refused when the person has a living one. */
export async function enrolMember(
  keyring: WritableKeyring,
  clock: Clock,
  firm: Firm,
  member: Member,
): Promise<void> {
  const subject = {
    commonName: personCommonName(member.firstName, member.lastName),
    givenName: member.firstName,
    surname: member.lastName,
    organization: firm.name,
    country: firm.country,
  };
  await enrol(keyring, clock, member.id, await issuingAuthority(keyring), subject, "member");
}

/**
 * The firm's seal: a legal person's certificate, for 3 years. `siren` is its number in the national register; a
 * legal person's certificate must name one (EN 319 412-3 §4.2.1), so without it the engine's own id stands there.
 */
export async function enrolSeal(
  keyring: WritableKeyring,
  clock: Clock,
  firm: Firm,
  siren?: string,
): Promise<void> {
  // EN 319 412-1 §5.1.4: a national trade register, or a scheme of local definition.
  const number = siren === undefined ? `CO:${firm.country}-${firm.id}` : `NTR${firm.country}-${siren}`;
  const subject = {
    commonName: firm.name,
    organization: firm.name,
    organizationIdentifier: number,
    country: firm.country,
  };
  await enrol(keyring, clock, firm.id, await issuingAuthority(keyring), subject, "seal");
}

async function issuingAuthority(keyring: WritableKeyring): Promise<Issuer> {
  return issuerOf(await keyring.issuingAuthority());
}

const issuerOf = (key: KeyMaterial): Issuer => ({
  certificateDer: key.certificateDer,
  privateKey: loadKey(key),
});

async function enrol(
  keyring: WritableKeyring,
  clock: Clock,
  ownerId: string,
  issuer: Issuer,
  subject: DistinguishedName,
  profile: Exclude<CertificateProfile, "root" | "one-use">,
): Promise<void> {
  const keys = createKeyPair(profile === "issuing" ? "P-384" : "P-256");
  const validity = validityOf(profile, new Date(clock.now()));
  const certificateDer = issueCertificate(issuer, subject, keys.publicKeyDer, profile, validity);
  const chainDer = profile === "issuing" ? [] : [issuer.certificateDer];
  await keyring.add(
    ownerId,
    keyMaterial(keys.privateKey, certificateDer, chainDer),
    validity.notAfter.getTime(),
  );
}

function keyMaterial(privateKey: KeyPair["privateKey"], certificateDer: Uint8Array, chainDer: Uint8Array[]) {
  return { pkcs8: privateKey.export({ type: "pkcs8", format: "der" }), certificateDer, chainDer };
}
