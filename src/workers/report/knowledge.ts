import type { SignedData } from "../cms/signed-data.ts";
import { type Evidence, readEvidence, storeOf } from "../pdf/evidence-store.ts";
import { PdfRefused } from "../pdf/refused.ts";
import type { PdfView } from "../pdf/view.ts";
import { type Certificate, readCertificate } from "../x509/certificate.ts";
import { type Crl, readCrl } from "../x509/crl.ts";
import { type OcspResponse, readOcspResponse } from "../x509/ocsp-response.ts";
import type { RevocationEvidence } from "../x509/revocation.ts";

/** Certificates and what was said of them: all that a document brings for its own check. */
export interface Knowledge extends RevocationEvidence {
  certificates: readonly Certificate[];
}

/** What the security store of a document holds, and these CMSs; what cannot be read helps nobody and is passed over. */
export function knowledgeOf(view: PdfView | undefined, cms: readonly SignedData[]): Knowledge {
  const stored = view === undefined ? nothing : storedIn(view);
  if (stored === nothing && cms.length === 0) return { certificates: [], crls: [], ocsps: [] };
  const certificates = readAll(
    [...stored.certificates, ...cms.flatMap(({ certificatesDer }) => certificatesDer)],
    readCertificate,
  );
  const crls: Crl[] = readAll([...stored.crls, ...cms.flatMap(({ crlsDer }) => crlsDer)], readCrl);
  const ocsps: OcspResponse[] = readAll(stored.ocsps, readOcspResponse);
  return { certificates: once(certificates), crls: once(crls), ocsps: once(ocsps) };
}

const nothing: Evidence = { certificates: [], crls: [], ocsps: [] };

function storedIn(view: PdfView): Evidence {
  try {
    return storeOf(view) === undefined ? nothing : readEvidence(view);
  } catch (error) {
    if (error instanceof PdfRefused) return nothing;
    throw error;
  }
}

function readAll<T>(ders: readonly Uint8Array[], read: (der: Uint8Array) => T): T[] {
  return ders.flatMap((der) => {
    try {
      return [read(der)];
    } catch {
      // A DerError, or node:crypto's on a key that it does not know.
      return [];
    }
  });
}

const once = <T extends { sha256: string }>(all: readonly T[]): T[] => [
  ...new Map(all.map((one) => [one.sha256, one])).values(),
];
