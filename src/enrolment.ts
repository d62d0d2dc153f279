import { createPrivateKey } from "node:crypto";
import type { Clock, Firm, KeyMaterial, Member } from "./actors/runtime/ports.ts";
import { authorityOwner, rootOwner, type WritableKeyring } from "./store/keyring.ts";
import {
  type CertificateProfile,
  createKeyPair,
  createRoot,
  type Issuer,
  issueCertificate,
  validityOf,
} from "./workers/x509/issue.ts";
import { type DistinguishedName, personCommonName } from "./workers/x509/name.ts";

/**
 * Makes the engine's root and issuing authority if there are none. Their names say so in test mode: nobody may take
 * a trial's signatures for real ones. Safe when several processes start on an empty store: the first to add one wins.
 */
export async function ensureAuthority(keyring: WritableKeyring, clock: Clock, mode: string): Promise<void> {
  const title = mode === "production" ? "Collecte" : "Collecte TEST";
  const issuing = { commonName: `${title} Issuing Authority`, organization: title, country: "FR" };
  await foundOr(keyring, authorityOwner, async () => {
    const root = await foundOr(keyring, rootOwner, () => addRoot(keyring, clock, title));
    await enrol(keyring, clock, authorityOwner, issuerOf(root), issuing, "issuing");
  });
}

async function addRoot(keyring: WritableKeyring, clock: Clock, title: string): Promise<void> {
  const keys = createKeyPair("P-384");
  const validity = validityOf("root", new Date(clock.now()));
  const subject = { commonName: `${title} Root`, organization: title, country: "FR" };
  const der = createRoot(subject, keys, validity);
  await keyring.add(rootOwner, keyMaterial(keys.privateKey, der, []), validity.notAfter.getTime());
}

/** The owner's key, made when there is none; one that another process added meanwhile will do. */
async function foundOr(
  keyring: WritableKeyring,
  ownerId: string,
  make: () => Promise<void>,
): Promise<KeyMaterial> {
  const known = await keyring.find(ownerId);
  if (known) return known;
  const failure = await make().then(
    () => undefined,
    (error: unknown) => error,
  );
  const made = await keyring.find(ownerId);
  if (!made) throw failure;
  return made;
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

function issuerOf({ certificateDer, pkcs8 }: KeyMaterial): Issuer {
  return {
    certificateDer,
    privateKey: createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" }),
  };
}

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

function keyMaterial(privateKey: Issuer["privateKey"], certificateDer: Uint8Array, chainDer: Uint8Array[]) {
  return { pkcs8: privateKey.export({ type: "pkcs8", format: "der" }), certificateDer, chainDer };
}
