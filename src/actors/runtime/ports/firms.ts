export interface Firm {
  id: string;
  name: string;
  /** Told of refusals and expiries. */
  email: string;
  /** ISO 3166-1 alpha-2: in which country a national phone number is read. */
  country: string;
}

export interface Member {
  id: string;
  firmId: string;
  firstName: string;
  lastName: string;
  email: string;
  phone: string;
}

export interface ApiKeyOwner {
  keyId: string;
  firmId: string;
}

/** Firms, their members and their keys. */
export interface Directory {
  firm(id: string): Promise<Firm | undefined>;
  /** What its visible signatures show beside their lines: a PNG or a JPEG that was checked. */
  logo(firmId: string): Promise<Uint8Array | undefined>;
  members(firmId: string): Promise<Member[]>;
  member(firmId: string, id: string): Promise<Member | undefined>;
  /** By SHA-256 (hex) of the key; revoked keys are not found. */
  apiKey(hash: string): Promise<ApiKeyOwner | undefined>;
}

/** A private key in use. `pkcs8` is DER; `keyId` names it in caches. */
export interface KeyMaterial {
  keyId: string;
  pkcs8: Uint8Array;
  certificateDer: Uint8Array;
  /** The certificates between this one and the root, without the root. */
  chainDer: Uint8Array[];
}

/** Whose key signs what. Throws `Terminal("no_certificate")`. */
export interface Keyring {
  rootDer(): Promise<Uint8Array>;
  issuingAuthority(): Promise<KeyMaterial>;
  /** A member's or a firm's own certificate. */
  ownedBy(ownerId: string): Promise<KeyMaterial>;
}
