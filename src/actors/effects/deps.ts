import type { Blobs, Clock, Directory, Keyring, Mailer, SmsGateway } from "../runtime/ports.ts";
import type { Secrets } from "../runtime/secrets.ts";
import type { SignAtLevel } from "./sign-at-level.ts";

/** Where links lead, and the right-hand side of Message-IDs. */
export interface EffectSettings {
  baseUrl: string;
  mailDomain: string;
}

/** All that effects need of the rest of the engine. */
export interface EffectDeps {
  mailer: Mailer;
  sms: SmsGateway;
  signAtLevel: SignAtLevel;
  blobs: Blobs;
  keyring: Keyring;
  directory: Directory;
  secrets: Secrets;
  clock: Clock;
  settings: EffectSettings;
}
