import type { Clock, Firm, KeyMaterial, Member } from "../actors/runtime/ports.ts";
import { authorityOwner, rootOwner, type WritableKeyring } from "../store/keyring.ts";
import type { Store } from "../store/store.ts";
import { createKeyPair, createRoot, validityOf } from "../workers/x509/issue.ts";
import { type DistinguishedName, personCommonName } from "../workers/x509/name.ts";
import { nextAuthorityName } from "./authorities.ts";
import { type CertifiedProfile, certifyNewKey } from "./certify.ts";

/**
 * Makes the engine's root and issuing authority if there are none. Their names say so in test mode: nobody may take
 * a trial's signatures for real ones. `baseUrl` is where the engine publishes what it revokes.
 */
export async function ensureAuthority(
  { keyring, together }: Pick<Store, "keyring" | "together">,
  clock: Clock,
  mode: string,
  baseUrl?: string,
): Promise<void> {
  // Read whole, so that a wrong secret is told at the start.
  if (await keyring.find(authorityOwner)) return;
  const title = mode === "production" ? "Collecte" : "Collecte TEST";
  await together(async ({ keyring: added }) => {
    // Another process may have been faster.
    if (await added.find(authorityOwner)) return;
    // A root may stand alone: its authority has run out, or was never made.
    const root = (await added.find(rootOwner)) ?? (await enrolRoot(added, clock, title));
    const subject = await nextAuthorityName(added, root.certificateDer);
    await enrol(added, clock, authorityOwner, root, subject, "issuing", baseUrl);
  });
}

async function enrolRoot(keyring: WritableKeyring, clock: Clock, title: string): Promise<KeyMaterial> {
  const keys = createKeyPair("P-384");
  const validity = validityOf("root", new Date(clock.now()));
  const subject = { commonName: `${title} Root`, organization: title, country: "FR" };
  const certificateDer = createRoot(subject, keys, validity);
  const pkcs8 = keys.privateKey.export({ type: "pkcs8", format: "der" });
  return keyring.add(rootOwner, { pkcs8, certificateDer, chainDer: [] }, validity.notAfter.getTime());
}

/** A member's own certificate, for 3 years. Refused when the person has a living one. */
export async function enrolMember(
  keyring: WritableKeyring,
  clock: Clock,
  firm: Firm,
  member: Pick<Member, "id" | "firstName" | "lastName">,
  baseUrl?: string,
): Promise<KeyMaterial> {
  const subject = {
    commonName: personCommonName(member.firstName, member.lastName),
    givenName: member.firstName,
    surname: member.lastName,
    organization: firm.name,
    country: firm.country,
  };
  return enrol(keyring, clock, member.id, await keyring.issuingAuthority(), subject, "member", baseUrl);
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
  baseUrl?: string,
): Promise<void> {
  // EN 319 412-1 §5.1.4: a national trade register, or a scheme of local definition.
  const number = siren === undefined ? `CO:${firm.country}-${firm.id}` : `NTR${firm.country}-${siren}`;
  const subject = {
    commonName: firm.name,
    organization: firm.name,
    organizationIdentifier: number,
    country: firm.country,
  };
  await enrol(keyring, clock, firm.id, await keyring.issuingAuthority(), subject, "seal", baseUrl);
}

async function enrol(
  keyring: WritableKeyring,
  clock: Clock,
  ownerId: string,
  issuer: KeyMaterial,
  subject: DistinguishedName,
  profile: CertifiedProfile,
  baseUrl: string | undefined,
): Promise<KeyMaterial> {
  const { key, notAfter } = certifyNewKey(issuer, subject, profile, new Date(clock.now()), baseUrl);
  return keyring.add(ownerId, key, notAfter.getTime());
}
