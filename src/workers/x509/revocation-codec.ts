import type { RevocationCodec, RevocationQuestion } from "../../actors/runtime/ports.ts";
import { type Certificate, readCertificate } from "./certificate.ts";
import { readCrl } from "./crl.ts";
import { DerError, sameBytes } from "./der-reader.ts";
import { buildOcspRequest } from "./ocsp.ts";
import { readOcspResponse } from "./ocsp-response.ts";
import { revocationOf } from "./revocation.ts";

/** The bytes of revocation, for who asks the authorities. */
export const revocationCodec: RevocationCodec = {
  questions(chainDer) {
    const chain = chainDer.flatMap((der) => read(der) ?? []);
    return chain.flatMap((certificate) => questionOf(certificate, chain) ?? []);
  },
  usableUntil(kind, der, { certificateDer, issuerDer }, now) {
    const [certificate, issuer] = [read(certificateDer), read(issuerDer)];
    if (certificate === undefined || issuer === undefined) return undefined;
    try {
      const crls = kind === "crl" ? [readCrl(der)] : [];
      const ocsps = kind === "ocsp" ? [readOcspResponse(der)] : [];
      if (revocationOf(certificate, issuer, { crls, ocsps }, new Date(now)).status === "unknown")
        return undefined;
      const nextUpdates = [...crls, ...ocsps.flatMap(({ statements }) => statements)].map(
        ({ nextUpdate }) => nextUpdate?.getTime() ?? now,
      );
      return Math.min(...nextUpdates);
    } catch (error) {
      if (error instanceof DerError) return undefined;
      throw error;
    }
  },
};

function questionOf(certificate: Certificate, chain: readonly Certificate[]): RevocationQuestion | undefined {
  const { ocspUrls, crlUrls } = certificate;
  const issuer = chain.find(({ subjectDer }) => sameBytes(subjectDer, certificate.issuerDer));
  if (issuer === undefined || issuer === certificate || ocspUrls.length + crlUrls.length === 0)
    return undefined;
  return {
    certificateDer: certificate.der,
    issuerDer: issuer.der,
    ocspUrls,
    crlUrls,
    ocspRequest: buildOcspRequest(certificate, issuer),
  };
}

function read(der: Uint8Array): Certificate | undefined {
  try {
    return readCertificate(der);
  } catch {
    // node:crypto's error on a key that it does not know has no class of its own.
    return undefined;
  }
}
