import type { Instant } from "../ports.ts";
import type { StepFailure } from "./levels.ts";

/* What stands for a firm on its documents: its logo and its seal. */

/** What firms' visible signatures show beside their lines, as it is committed: a PNG or a JPEG that was checked. */
export interface Logos {
  read(firmId: string): Promise<Uint8Array | undefined>;
  /** In place of the one that it had. */
  put(firmId: string, image: Uint8Array): Promise<void>;
  /** Fine when there is none. */
  remove(firmId: string): Promise<void>;
}

/** Looks at images in worker threads; results are values, never exceptions. */
export interface LogoPool {
  /** Whether a stamp could show it: `logo_unsupported`, with the reason, when it could not. */
  checkLogo(image: Uint8Array): Promise<{ ok: true } | StepFailure>;
}

/** A certificate that a firm seals with, or has sealed with, without its key. */
export interface FirmSeal {
  serialHex: string;
  sha256: string;
  subject: { commonName?: string; organization?: string; organizationIdentifier?: string; country?: string };
  issuer: string;
  notBefore: Instant;
  notAfter: Instant;
  /** Whether the firm brought it: its own issuer says what becomes of it. */
  isBrought: boolean;
  revokedAt?: Instant;
}

/** Seals of firms: one living one a firm. */
export interface FirmSeals {
  /** All that it ever had, newest first. */
  of(firmId: string): Promise<FirmSeal[]>;
}
