import { isEvidenceRevision } from "../pdf/evidence-revision.ts";
import { readEvidence, storeOf } from "../pdf/evidence-store.ts";
import type { PdfSignature } from "../pdf/signatures.ts";
import type { PdfTail } from "../pdf/tail.ts";
import { type Certificate, readCertificate } from "../x509/certificate.ts";
import { sameBytes } from "../x509/der-reader.ts";
import { readCrl, readOcspResponse } from "../x509/known-readings.ts";
import { isSignedBy, type SignedPart } from "../x509/signature-algorithm.ts";
import type { Knowledge } from "./knowledge.ts";

/**
 * What is wrong with the end of a document, after the last that somebody signed. Evidence may stand there: it is signed by
 * those who issued it. Nobody vouches for anything else, even if it only adds empty fields.
 */
export function judgeEnd(
  pdf: PdfTail,
  signatures: readonly PdfSignature[],
  anchors: readonly Certificate[],
  knowledge: Knowledge,
): string[] {
  const last = signatures.at(-1);
  if (last === undefined || signatures.some(({ coversWholeFile }) => coversWholeFile)) return [];
  if (last.changedAfter === "nothing") return [];
  for (let index = 0; index < last.revision; index++) {
    if (!isEvidenceRevision(pdf, index)) return ["unsigned_revision_after"];
  }
  if (last.revision < 0 || !isVouchedFor(pdf, [...knowledge.certificates, ...anchors])) {
    return ["unsigned_revision_after"];
  }
  return [];
}

/** Whether each piece of the store's evidence can be read, and was signed by one of these authorities. */
function isVouchedFor(pdf: PdfTail, known: readonly Certificate[]): boolean {
  const isSigned = (part: SignedPart, by: readonly Certificate[]) =>
    by.some(({ publicKey }) => isSignedBy(part, publicKey));
  const isIssued = (der: Uint8Array) => {
    const certificate = readCertificate(der);
    const issuers = known.filter(({ subjectDer }) => sameBytes(subjectDer, certificate.issuerDer));
    return known.some(({ sha256 }) => sha256 === certificate.sha256) && isSigned(certificate, issuers);
  };
  try {
    const { certificates, crls, ocsps } = readEvidence(pdf.latest);
    const store = storeOf(pdf.latest)?.entries;
    const listed = ["Certs", "CRLs", "OCSPs"].flatMap((key) => pdf.latest.items(store?.get(key)));
    // What cannot be unpacked was passed over.
    return (
      certificates.length + crls.length + ocsps.length === listed.length &&
      certificates.every(isIssued) &&
      crls.every((der) => isSigned(readCrl(der), known)) &&
      ocsps.every((der) => {
        const response = readOcspResponse(der);
        const own = response.certificatesDer.map((one) => readCertificate(one));
        return (
          response.certificatesDer.every((one) => isAmong(one, known)) &&
          isSigned(response, [...known, ...own])
        );
      })
    );
  } catch {
    // What cannot be read is signed by nobody: a DerError, a PdfRefused, or node:crypto's on a key that is none.
    return false;
  }
}

function isAmong(der: Uint8Array, known: readonly Certificate[]): boolean {
  const certificate = readCertificate(der);
  return known.some(
    (issuer) =>
      sameBytes(issuer.subjectDer, certificate.issuerDer) && isSignedBy(certificate, issuer.publicKey),
  );
}
