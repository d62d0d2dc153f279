import type { Clock } from "../actors/runtime/ports.ts";
import { type CertificateEntry, isLiving } from "../store/key-rows.ts";
import { authorityOwner } from "../store/keyring.ts";
import type { RevocationReason } from "../store/revocations.ts";
import type { Additions, Store } from "../store/store.ts";
import { readCertificate } from "../workers/x509/certificate.ts";
import { authorityIdOf } from "./authority-urls.ts";

/** What was revoked, and whether an authority of ours can say so: a brought certificate is its own issuer's to revoke. */
export interface RevokedOne {
  serialHex: string;
  isPublished: boolean;
}

/** The owner's living certificate. */
export async function livingEntry(
  { keyring }: Pick<Store, "keyring">,
  clock: Clock,
  ownerId: string,
): Promise<CertificateEntry | undefined> {
  return (await keyring.entries(ownerId)).find((entry) => isLiving(entry, clock.now()));
}

/** Revokes this certificate: from the commit on its key signs nothing, in any process. */
export async function revokeEntry(
  { keyring, revocations }: Pick<Additions, "keyring" | "revocations">,
  clock: Clock,
  entry: CertificateEntry,
  reason: RevocationReason,
): Promise<RevokedOne> {
  const { serialHex } = readCertificate(entry.certificateDer);
  await keyring.revoke(entry.keyId);
  const issuerDer = await issuerAmongOurs(keyring, entry);
  if (issuerDer === undefined) return { serialHex, isPublished: false };
  const authority = authorityIdOf(issuerDer);
  await revocations.add({ authority, serialHex, at: clock.now(), reason, certificateId: entry.keyId });
  return { serialHex, isPublished: true };
}

async function issuerAmongOurs(
  keyring: Additions["keyring"],
  { chainDer, anchorDer }: CertificateEntry,
): Promise<Uint8Array | undefined> {
  const issuerDer = chainDer[0] ?? anchorDer ?? (await keyring.rootDer());
  const ours = [await keyring.rootDer(), ...(await authorities(keyring)).map((one) => one.certificateDer)];
  return ours.find((der) => authorityIdOf(der) === authorityIdOf(issuerDer));
}

const authorities = (keyring: Additions["keyring"]) => keyring.entries(authorityOwner);

/**
 * Revokes whatever has this serial number. One-use certificates are in no table, so one that is unknown is revoked under
 * every authority of ours that has not run out: serial numbers have 127 random bits, so it is nobody else's.
 */
export async function revokeSerial(
  store: Pick<Store, "keyring" | "together">,
  clock: Clock,
  serialHex: string,
  reason: RevocationReason,
): Promise<RevokedOne> {
  const entries = await store.keyring.entries();
  const known = entries.find(({ certificateDer }) => readCertificate(certificateDer).serialHex === serialHex);
  return store.together(async (added) => {
    if (known) return revokeEntry(added, clock, known, reason);
    for (const { certificateDer, notAfter } of await authorities(added.keyring)) {
      const authority = authorityIdOf(certificateDer);
      const at = clock.now();
      if (at < notAfter) await added.revocations.add({ authority, serialHex, at, reason });
    }
    return { serialHex, isPublished: true };
  });
}
