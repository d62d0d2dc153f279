/** The certificates of a PEM text, in DER. */
export const certificatesIn = (pem: string): Uint8Array[] => derIn(pem, "CERTIFICATE");

/** What a PEM text holds of one kind (RFC 7468), in DER. */
export function derIn(pem: string, label: string): Uint8Array[] {
  const blocks = pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/g);
  return [...blocks]
    .filter(([, kind]) => kind === label)
    .map(([, , base64 = ""]) => Buffer.from(base64, "base64"));
}

export const pemOf = (certificateDer: Uint8Array): string => pemBlock("CERTIFICATE", certificateDer);

export function pemBlock(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
