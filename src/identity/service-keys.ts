import type { Clock, Instant, KeyMaterial } from "../actors/runtime/ports.ts";
import { type CertificateEntry, isLiving } from "../store/key-rows.ts";
import type { Additions, Store } from "../store/store.ts";
import { readCertificate } from "../workers/x509/certificate.ts";
import { authorityIdOf } from "./authority-urls.ts";
import { certifyNewKey } from "./certify.ts";

const day = 24 * 3_600_000;

/** The owner of the timestamp unit's certificate. */
const timestampUnitOwner = "timestamp-unit";

/** The owner of the certificate that seals evidence files. */
const evidenceSealOwner = "evidence-seal";

/** Each issuing authority has a responder of its own: RFC 6960 §4.2.2.2 believes no other. */
const responderOwner = (authorityId: string): string => `ocsp-responder/${authorityId}`;

interface ServiceKey {
  ownerId: string;
  profile: "timestamping" | "ocsp" | "evidence";
  name: string;
  /** How old a key becomes before the next one takes over. */
  renewedAfterMs: number;
}

/**
 * A unit signs for a year of its certificate's six, so that any timestamp can be checked for five years more. The one
 * in service is taken from the present issuing authority.
 */
export function timestampUnit(store: Services, clock: Clock, baseUrl?: string): Promise<KeyMaterial> {
  const service: ServiceKey = {
    ownerId: timestampUnitOwner,
    profile: "timestamping",
    name: "Timestamp Unit",
    renewedAfterMs: 365 * day,
  };
  return serviceKey(store, clock, service, () => store.keyring.issuingAuthority(), baseUrl);
}

/** The responder of one issuing authority, renewed ten days before its month is over. */
export function ocspResponder(
  store: Services,
  clock: Clock,
  authority: KeyMaterial,
  baseUrl?: string,
): Promise<KeyMaterial> {
  const service: ServiceKey = {
    ownerId: responderOwner(authorityIdOf(authority.certificateDer)),
    profile: "ocsp",
    name: "OCSP Responder",
    renewedAfterMs: 20 * day,
  };
  return serviceKey(store, clock, service, async () => authority, baseUrl);
}

/**
 * The engine's own seal of evidence files, for a year of its certificate's six: not the firm's, which is a party to what
 * the file tells, may lead to another root, and may be in a token that is away.
 */
export function evidenceSeal(store: Services, clock: Clock, baseUrl?: string): Promise<KeyMaterial> {
  const service: ServiceKey = {
    ownerId: evidenceSealOwner,
    profile: "evidence",
    name: "Evidence Seal",
    renewedAfterMs: 365 * day,
  };
  return serviceKey(store, clock, service, () => store.keyring.issuingAuthority(), baseUrl);
}

type Services = Pick<Store, "keyring" | "together">;

/** The living key, or a new one that takes its place: made at use, by whichever process comes first. */
async function serviceKey(
  { keyring, together }: Services,
  clock: Clock,
  service: ServiceKey,
  issuer: () => Promise<KeyMaterial>,
  baseUrl: string | undefined,
): Promise<KeyMaterial> {
  const usable = async (ring: Additions["keyring"]): Promise<KeyMaterial | undefined> => {
    const found = await ring.inService(service.ownerId);
    return found && clock.now() < found.createdAt + service.renewedAfterMs ? found.key : undefined;
  };
  const known = await usable(keyring);
  if (known !== undefined) return known;
  return together(async (added) => {
    const faster = await usable(added.keyring);
    if (faster !== undefined) return faster;
    const before = living(await added.keyring.entries(service.ownerId), clock.now());
    if (before !== undefined) await added.keyring.retire(before.keyId);
    const by = await issuer();
    const { organization, country } = readCertificate(by.certificateDer).subject;
    const commonName = `${organization ?? "Collecte"} ${service.name}`;
    const subject = {
      commonName,
      ...(organization !== undefined && { organization }),
      ...(country !== undefined && { country }),
    };
    const made = certifyNewKey(by, subject, service.profile, new Date(clock.now()), baseUrl);
    return added.keyring.add(service.ownerId, made.key, made.notAfter.getTime());
  });
}

const living = (entries: readonly CertificateEntry[], now: Instant): CertificateEntry | undefined =>
  entries.find((entry) => isLiving(entry, now));

/** Retires the timestamp unit, the evidence seal and the responders: each is made anew when it is next used. */
export async function renewServiceKeys({ together }: Pick<Store, "together">): Promise<void> {
  await together(async ({ keyring }) => {
    for (const entry of await keyring.entries()) {
      const isService =
        entry.ownerId === timestampUnitOwner ||
        entry.ownerId === evidenceSealOwner ||
        entry.ownerId.startsWith(responderOwner(""));
      if (isService && entry.retiredAt === undefined) await keyring.retire(entry.keyId);
    }
  });
}
