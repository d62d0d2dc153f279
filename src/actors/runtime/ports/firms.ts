import type { Instant } from "../ports.ts";
import type { Scope } from "../scopes.ts";
import type { Making, Member } from "./members.ts";

export interface Firm {
  id: string;
  name: string;
  /** Told of refusals and expiries. */
  email: string;
  /** ISO 3166-1 alpha-2: in which country a national phone number is read. */
  country: string;
  /** Whether files may be embedded in its documents, as Factur-X does. */
  allowsEmbeddedFiles?: boolean;
  settings: FirmSettings;
}

/** Where a firm has the documents of its ended collectes pushed, before they are purged. */
export type DeliveryTarget =
  | { kind: "folder"; path: string }
  | {
      kind: "s3";
      bucket: string;
      prefix?: string;
      region?: string;
      endpoint?: string;
      accessKeyId: string;
      secretAccessKey: string;
    };

/** What a firm has chosen for all its collectes; what is absent is as the product has it. */
export interface FirmSettings {
  /** How long a client must have been invited before a code is sent to them; at once unless said. */
  reflectionMinutes?: number;
  /** For how many years after the end of a collecte its evidence file is kept: 5 unless said. */
  evidenceYears?: number;
  /** After how many days without a change a draft is given up: 90 unless said. */
  draftDays?: number;
  /** ISO 3166-1 alpha-2: to mobiles of which countries codes are sent; of all unless said. */
  smsCountries?: string[];
  /** Whether codes live for 10 minutes instead of 30. */
  strictCodes?: boolean;
  /** How many SMS are sent in one calendar day of Paris. */
  smsPerDay?: number;
  /** Scheduled reminders of collectes that say nothing of their own. */
  reminders?: { everyDays: number; most: number };
  delivery?: DeliveryTarget;
  /** The firm fetches its documents itself, and is warned some days before a purge of what was not fetched. */
  fetches?: boolean;
}

export interface ApiKeyOwner {
  keyId: string;
  firmId: string;
  scopes: readonly Scope[];
}

/** Firms, their members and their keys. */
export interface Directory {
  firm(id: string): Promise<Firm | undefined>;
  /** What its visible signatures show beside their lines: a PNG or a JPEG that was checked. */
  logo(firmId: string): Promise<Uint8Array | undefined>;
  /** Those who have not left. */
  members(firmId: string): Promise<Member[]>;
  /** Whether they have left or not. */
  member(firmId: string, id: string): Promise<Member | undefined>;
  /** By SHA-256 (hex) of the key; revoked keys are not found. */
  apiKey(hash: string): Promise<ApiKeyOwner | undefined>;
}

/** Where a key is that never leaves its PKCS#11 token: found there by its label, its CKA_ID, or both. */
export interface TokenKeySpec {
  modulePath: string;
  tokenLabel: string;
  keyLabel?: string;
  idHex?: string;
  pin: string;
}

/** Where an authority publishes what others need to judge the certificates that it issues; written into them. */
export interface AuthorityUrls {
  crl?: string;
  ocsp?: string;
  caIssuers?: string;
}

interface CertifiedKey {
  /** Names the key in caches. */
  keyId: string;
  certificateDer: Uint8Array;
  /** The certificates between this one and the root, without the root. */
  chainDer: Uint8Array[];
  /** The root that the chain leads to, where it is not the engine's: of a certificate that a firm brought. */
  anchorDer?: Uint8Array;
  /** An authority's own, when it publishes. */
  urls?: AuthorityUrls;
}

/** A private key as PKCS#8 in DER, with its certificate. */
export interface FileKeyMaterial extends CertifiedKey {
  pkcs8: Uint8Array;
  pkcs11?: never;
}

/** The certificate of a private key in a token. */
export interface TokenKeyMaterial extends CertifiedKey {
  pkcs8?: never;
  pkcs11: TokenKeySpec;
}

/** A private key in use. */
export type KeyMaterial = FileKeyMaterial | TokenKeyMaterial;

/** Whose key signs what. Throws `Terminal("no_certificate")`. */
export interface Keyring {
  rootDer(): Promise<Uint8Array>;
  issuingAuthority(): Promise<KeyMaterial>;
  /** A member's or a firm's own certificate. */
  ownedBy(ownerId: string): Promise<KeyMaterial>;
}

/** What a firm says of itself. */
export type FirmChoices = Pick<Firm, "email" | "settings" | "allowsEmbeddedFiles">;

/** What the door reads and changes of a firm itself, as it is committed: the directory may be a few seconds behind. */
export interface Firms {
  read(id: string): Promise<Firm | undefined>;
  /** `change` sees what is committed, and what it throws leaves all as it was. */
  change(id: string, change: (before: Firm) => FirmChoices): Promise<Firm | undefined>;
}

/** A key as it is listed; the key itself is nowhere. */
export interface ApiKey {
  id: string;
  name: string;
  scopes: readonly Scope[];
  createdAt: Instant;
  /** When a request came with it last, known some seconds later. */
  usedAt?: Instant;
  revokedAt?: Instant;
}

/** The API keys of firms. */
export interface ApiKeys {
  /** Those that were revoked as well, oldest first. */
  list(firmId: string): Promise<ApiKey[]>;
  find(firmId: string, id: string): Promise<ApiKey | undefined>;
  /**
   * The key in clear, which is shown this once: only its SHA-256 is kept, so a repeated request is answered without.
   * Throws `KeyReused`.
   */
  add(
    firmId: string,
    making: Making,
    key: Pick<ApiKey, "name" | "scopes">,
  ): Promise<{ key: ApiKey; apiKey?: string }>;
  /** It opens nothing more, within seconds. */
  revoke(firmId: string, id: string): Promise<ApiKey | undefined>;
  /** Notes that a request came with it; written later, together with others. */
  used(id: string): void;
}
