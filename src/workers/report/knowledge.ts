import type { SignedData } from "../cms/signed-data.ts";
import { type Evidence, readEvidence, storeOf } from "../pdf/evidence-store.ts";
import { PdfRefused } from "../pdf/refused.ts";
import type { PdfView } from "../pdf/view.ts";
import { type Certificate, readCertificate } from "../x509/certificate.ts";
import { readCrl, readOcspResponse } from "../x509/known-readings.ts";
import { readable } from "../x509/readable.ts";
import type { RevocationEvidence } from "../x509/revocation.ts";

/** Certificates and what was said of them: all that a document brings for its own check. */
export interface Knowledge extends RevocationEvidence {
  certificates: readonly Certificate[];
}

/** What the security store of a document holds, and these CMSs; what cannot be read helps nobody and is passed over. */
export function knowledgeOf(view: PdfView | undefined, cms: readonly SignedData[]): Knowledge {
  const stored = view === undefined ? nothing : storedIn(view);
  if (stored === nothing && cms.length === 0) return { certificates: [], crls: [], ocsps: [] };
  const certificates = [...stored.certificates, ...cms.flatMap(({ certificatesDer }) => certificatesDer)];
  const crls = [...stored.crls, ...cms.flatMap(({ crlsDer }) => crlsDer)];
  return {
    certificates: readable(certificates, readCertificate),
    crls: readable(crls, readCrl),
    ocsps: readable(stored.ocsps, readOcspResponse),
  };
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
