import type { PadesLevel } from "../actors/collecte/levels.ts";
import type {
  ApiKeys,
  Blobs,
  Clock,
  Contacts,
  Directory,
  Documents,
  DocumentVerifier,
  FirmSeals,
  Firms,
  Inspector,
  Instant,
  Log,
  LogoPool,
  Logos,
  Mailbox,
  MemberCertificates,
  MemberSessions,
  Parapheurs,
  Proofs,
  Publication,
  Reads,
  SignIn,
  SmsBudget,
  SmsReceipts,
  Spreadsheets,
  Staff,
} from "../actors/runtime/ports.ts";
import type { Secrets } from "../actors/runtime/secrets.ts";

/** How many requests a minute are answered before 429. */
export interface RateLimits {
  perKey: number;
  /** Exchanges of a link's token for a session, by IP address (IPv6: by /56). */
  sessionsPerIp: number;
  /** Requests with a key or session that isn't known, by IP address as above; after these, all of the address. */
  failedLoginsPerIp: number;
  perSignatory: number;
  /** Questions about revocation, by IP address as above: many people may ask from behind one. */
  publicationPerIp: number;
}

export interface DoorSettings {
  /** Where the engine is reached from outside, without a slash at the end. */
  baseUrl: string;
  maxDocumentBytes: number;
  /** Of collectes that do not ask for another one. */
  level: PadesLevel;
  maxDocumentPages: number;
  /** How long a signatory's session lasts. */
  sessionMinutes: number;
  rateLimits: RateLimits;
  /** How many proxies stand before the engine and may say where a request came from: 0 when unset. */
  trustedProxies?: number;
}

export interface Health {
  ok: boolean;
  [fact: string]: unknown;
}

/** All that the door needs of the rest of the engine. */
export interface Door {
  mailbox: Mailbox;
  reads: Pick<Reads, "collecte" | "collectes" | "history" | "link" | "memberActs" | "receipts">;
  documents: Documents;
  directory: Directory;
  firms: Firms;
  logos: Logos;
  images: LogoPool;
  seals: FirmSeals;
  keys: ApiKeys;
  staff: Staff;
  memberSessions: MemberSessions;
  parapheurs: Parapheurs;
  memberCertificates: MemberCertificates;
  signIn: SignIn;
  contacts: Contacts;
  spreadsheets: Spreadsheets;
  blobs: Blobs;
  inspector: Inspector;
  verifier: DocumentVerifier;
  publication: Publication;
  proofs: Proofs;
  smsBudget: Pick<SmsBudget, "refusal">;
  smsReceipts: SmsReceipts;
  secrets: Secrets;
  clock: Clock;
  /** In test mode only. */
  testClock?: { advance(ms: number): Promise<Instant> };
  log: Log;
  settings: DoorSettings;
  health(): Promise<Health>;
  /** Takes no more requests, and waits for those in hand: they should be answered soon. */
  isClosing(): boolean;
}
