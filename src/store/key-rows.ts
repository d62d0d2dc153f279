import type { Instant, KeyMaterial, TokenKeySpec } from "../actors/runtime/ports.ts";
import type { Secrets } from "../actors/runtime/secrets.ts";

/** A row of `certificates`. */
export interface CertificateColumns {
  id: string;
  owner_id: string;
  certificate: string;
  chain: string;
  key_kind: "file" | "token" | "none";
  wrapped_key: string;
  anchor: string | null;
  not_after: number;
  created_at: number;
  revoked_at: number | null;
  retired_at: number | null;
}

/** A certificate of the keyring, without its key. */
export interface CertificateEntry {
  keyId: string;
  ownerId: string;
  certificateDer: Uint8Array;
  chainDer: Uint8Array[];
  anchorDer?: Uint8Array;
  /** Where its key is: in the table, in a token, or kept elsewhere. */
  keyIn: "file" | "token" | "none";
  notAfter: Instant;
  createdAt: Instant;
  revokedAt?: Instant;
  retiredAt?: Instant;
}

/** Whether this certificate is its owner's at `now`. */
export const isLiving = ({ revokedAt, retiredAt, notAfter }: CertificateEntry, now: Instant): boolean =>
  revokedAt === undefined && retiredAt === undefined && now < notAfter;

/** What goes into the keyring: it gets its id there. */
export type NewKey = KeyMaterial extends infer K ? (K extends KeyMaterial ? Omit<K, "keyId"> : never) : never;

const base64 = (der: Uint8Array): string => Buffer.from(der).toString("base64");
const fromBase64 = (text: string): Uint8Array => Buffer.from(text, "base64");

/** What the columns say of the certificate, its chain and its anchor. */
export const certified = ({ id, certificate, chain, anchor }: CertificateColumns) => ({
  keyId: id,
  certificateDer: fromBase64(certificate),
  chainDer: (JSON.parse(chain) as string[]).map(fromBase64),
  ...(anchor !== null && { anchorDer: fromBase64(anchor) }),
});

export function entryOf(row: CertificateColumns): CertificateEntry {
  return {
    ...certified(row),
    ownerId: row.owner_id,
    keyIn: row.key_kind,
    notAfter: row.not_after,
    createdAt: row.created_at,
    ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
    ...(row.retired_at !== null && { retiredAt: row.retired_at }),
  };
}

/** The key of a row, unsealed; undefined when it is kept elsewhere. */
export function keyIn(row: CertificateColumns, secrets: Secrets): KeyMaterial | undefined {
  if (row.key_kind === "none") return undefined;
  const opened = secrets.unwrap(Buffer.from(row.wrapped_key, "base64"));
  if (row.key_kind === "file") return { ...certified(row), pkcs8: opened };
  return { ...certified(row), pkcs11: JSON.parse(opened.toString()) as TokenKeySpec };
}

/** The columns of a key and its certificate, sealed. A PIN is sealed as a key is. */
export function columnsOf(key: NewKey, secrets: Secrets) {
  const secret = key.pkcs11 === undefined ? key.pkcs8 : Buffer.from(JSON.stringify(key.pkcs11));
  return {
    certificate: base64(key.certificateDer),
    chain: JSON.stringify(key.chainDer.map(base64)),
    anchor: key.anchorDer === undefined ? null : base64(key.anchorDer),
    keyKind: key.pkcs11 === undefined ? ("file" as const) : ("token" as const),
    wrappedKey: secrets.wrap(secret).toString("base64"),
  };
}
