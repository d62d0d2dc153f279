import type { FirmSeal, FirmSeals } from "../actors/runtime/ports.ts";
import type { CertificateEntry } from "../store/key-rows.ts";
import type { Store } from "../store/store.ts";
import { readCertificate } from "../workers/x509/certificate.ts";

/** The certificates of firms' seals, for whoever must know who sealed and until when. */
export function createFirmSeals({ keyring }: Pick<Store, "keyring">): FirmSeals {
  return {
    of: async (firmId) => {
      const entries = await keyring.entries(firmId);
      return entries.toSorted((one, other) => other.createdAt - one.createdAt).map(sealOf);
    },
  };
}

function sealOf({ certificateDer, anchorDer, revokedAt }: CertificateEntry): FirmSeal {
  const { serialHex, sha256, subject, issuer, notBefore, notAfter } = readCertificate(certificateDer);
  const { commonName, organization, organizationIdentifier, country } = subject;
  return {
    serialHex,
    sha256,
    subject: {
      ...(commonName !== undefined && { commonName }),
      ...(organization !== undefined && { organization }),
      ...(organizationIdentifier !== undefined && { organizationIdentifier }),
      ...(country !== undefined && { country }),
    },
    issuer: issuer.commonName ?? issuer.organization ?? "",
    notBefore: notBefore.getTime(),
    notAfter: notAfter.getTime(),
    isBrought: anchorDer !== undefined,
    ...(revokedAt !== undefined && { revokedAt }),
  };
}
