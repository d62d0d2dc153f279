/** Attribute types of a name (X.520, RFC 5280 annex A; organizationIdentifier: EN 319 412-1 §5.1.4). */
export const nameOids = {
  country: "2.5.4.6",
  organization: "2.5.4.10",
  organizationIdentifier: "2.5.4.97",
  surname: "2.5.4.4",
  givenName: "2.5.4.42",
  serialNumber: "2.5.4.5",
  commonName: "2.5.4.3",
} as const;

/** Certificate extensions (RFC 5280 §4.2). */
export const extensionOids = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  crlDistributionPoints: "2.5.29.31",
  certificatePolicies: "2.5.29.32",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  authorityInfoAccess: "1.3.6.1.5.5.7.1.1",
  ocspNoCheck: "1.3.6.1.5.5.7.48.1.5",
  /** RFC 9608 §2. */
  noRevocationAvailable: "2.5.29.56",
  /** ext-etsi-valassured-ST-certs, EN 319 412-1 §5.2.2. */
  validityAssuredShortTerm: "0.4.0.194121.2.1",
} as const;

/** Extensions of a CRL and of its entries (RFC 5280 §5.2, §5.3; expiredCertsOnCRL: X.509 §9.5.2.8). */
export const crlOids = {
  number: "2.5.29.20",
  reasonCode: "2.5.29.21",
  invalidityDate: "2.5.29.24",
  issuingDistributionPoint: "2.5.29.28",
  expiredCertsOnCrl: "2.5.29.60",
} as const;

/** OCSP (RFC 6960 §4.2.1, §4.4). */
export const ocspOids = {
  basicResponse: "1.3.6.1.5.5.7.48.1.1",
  nonce: "1.3.6.1.5.5.7.48.1.2",
  archiveCutoff: "1.3.6.1.5.5.7.48.1.6",
} as const;

/** What an extendedKeyUsage may name (RFC 5280 §4.2.1.12). */
export const keyPurposeOids = {
  serverAuth: "1.3.6.1.5.5.7.3.1",
  timeStamping: "1.3.6.1.5.5.7.3.8",
  ocspSigning: "1.3.6.1.5.5.7.3.9",
} as const;

/** Where an authorityInfoAccess leads (RFC 5280 §4.2.2.1). */
export const accessMethodOids = {
  ocsp: "1.3.6.1.5.5.7.48.1",
  caIssuers: "1.3.6.1.5.5.7.48.2",
} as const;

/** Digests that TS 119 312 still allows, by OID. */
export const digestOids = {
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
  "2.16.840.1.101.3.4.2.8": "sha3-256",
  "2.16.840.1.101.3.4.2.9": "sha3-384",
  "2.16.840.1.101.3.4.2.10": "sha3-512",
} as const;

/** Digests, and signature algorithms with them, that TS 119 312 no longer allows: MD5, SHA-1, SHA-224, DSA. */
export const weakOids: ReadonlySet<string> = new Set([
  "1.2.840.113549.2.5",
  "1.3.14.3.2.26",
  "2.16.840.1.101.3.4.2.4",
  "1.2.840.113549.1.1.4",
  "1.2.840.113549.1.1.5",
  "1.2.840.113549.1.1.14",
  "1.2.840.10045.4.1",
  "1.2.840.10045.4.3.1",
  "1.2.840.10040.4.3",
]);

/** Signature algorithms (RFC 5758, RFC 8017 annex A, RFC 8702 and 9688 for SHA-3's). */
export const signatureOids = {
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  ecdsaWithSha384: "1.2.840.10045.4.3.3",
  ecdsaWithSha512: "1.2.840.10045.4.3.4",
  rsaEncryption: "1.2.840.113549.1.1.1",
  sha256WithRsa: "1.2.840.113549.1.1.11",
  sha384WithRsa: "1.2.840.113549.1.1.12",
  sha512WithRsa: "1.2.840.113549.1.1.13",
  rsaPss: "1.2.840.113549.1.1.10",
  ecdsaWithSha3256: "2.16.840.1.101.3.4.3.10",
  ecdsaWithSha3384: "2.16.840.1.101.3.4.3.11",
  ecdsaWithSha3512: "2.16.840.1.101.3.4.3.12",
  sha3256WithRsa: "2.16.840.1.101.3.4.3.14",
  sha3384WithRsa: "2.16.840.1.101.3.4.3.15",
  sha3512WithRsa: "2.16.840.1.101.3.4.3.16",
} as const;

/** CMS content types and signed attributes (RFC 5652 §11, RFC 5035 §3). */
export const cmsOids = {
  data: "1.2.840.113549.1.7.1",
  signedData: "1.2.840.113549.1.7.2",
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  signingTime: "1.2.840.113549.1.9.5",
  signingCertificate: "1.2.840.113549.1.9.16.2.12",
  signingCertificateV2: "1.2.840.113549.1.9.16.2.47",
  signatureTimestamp: "1.2.840.113549.1.9.16.2.14",
  tstInfo: "1.2.840.113549.1.9.16.1.4",
} as const;

/** SHA-1's OID, for what it names and never for what it proves. */
export const sha1Oid = "1.3.14.3.2.26";

/** SHA-256's OID, for the writers. */
export const sha256Oid = "2.16.840.1.101.3.4.2.1";
