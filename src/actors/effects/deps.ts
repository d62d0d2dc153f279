import type {
  Blobs,
  Clock,
  Directory,
  EvidenceFiles,
  Keyring,
  Mailer,
  SmsGateway,
} from "../runtime/ports.ts";
import type { Secrets } from "../runtime/secrets.ts";
import type { SignAtLevel } from "./sign-at-level.ts";

/** Where links lead, the right-hand side of Message-IDs, and what first and last signatures say of the rest. */
export interface EffectSettings {
  baseUrl: string;
  mailDomain: string;
  /** The first signature certifies the document. */
  certify?: boolean;
  /** The last one locks it. */
  lock?: boolean;
}

/** All that effects need of the rest of the engine. */
export interface EffectDeps {
  mailer: Mailer;
  sms: SmsGateway;
  signAtLevel: SignAtLevel;
  evidence: Pick<EvidenceFiles, "make">;
  blobs: Blobs;
  keyring: Keyring;
  directory: Directory;
  secrets: Secrets;
  clock: Clock;
  settings: EffectSettings;
}
