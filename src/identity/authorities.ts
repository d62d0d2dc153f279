import type { Clock } from "../actors/runtime/ports.ts";
import type { CertificateEntry } from "../store/key-rows.ts";
import { authorityOwner, rootOwner, type WritableKeyring } from "../store/keyring.ts";
import { readCertificate } from "../workers/x509/certificate.ts";
import type { DistinguishedName } from "../workers/x509/name.ts";
import { authorityIdOf } from "./authority-urls.ts";

/** An authority of ours, living or replaced. */
export interface Authority extends CertificateEntry {
  /** Its subject key identifier in hex. */
  id: string;
  isRoot: boolean;
}

/** The root and the issuing authorities that have not run out: somebody may still ask for their lists. */
export async function authoritiesOf(keyring: WritableKeyring, clock: Clock): Promise<Authority[]> {
  const entries = [...(await keyring.entries(rootOwner)), ...(await keyring.entries(authorityOwner))];
  return entries
    .filter(({ notAfter }) => clock.now() < notAfter)
    .map((entry) => ({
      ...entry,
      id: authorityIdOf(entry.certificateDer),
      isRoot: entry.ownerId === rootOwner,
    }));
}

/** Each issuing authority has a name of its own, so that nobody takes the list of one for another's. */
export async function nextAuthorityName(
  keyring: WritableKeyring,
  rootCertificateDer: Uint8Array,
): Promise<DistinguishedName> {
  const before = (await keyring.entries(authorityOwner)).length;
  const { organization = "Collecte", country = "FR" } = readCertificate(rootCertificateDer).subject;
  const commonName = `${organization} Issuing Authority${before === 0 ? "" : ` G${before + 1}`}`;
  return { commonName, organization, country };
}
