import type { PersonalOfDraft, SignedDocument, Trace } from "./commands.ts";
import type { PadesLevel } from "./levels.ts";
import type { Instant, PendingCode, Stamp, Step } from "./state.ts";

/**
 * What happened. Events are the collecte's audit record: never changed, never removed.
 * Whatever tells about people stands under `personal`, which the store encrypts.
 */
export type Event =
  | {
      type: "CollecteCreated";
      firmId: string;
      language: "fr" | "en";
      documents: { id: string; sha256: string; bytes: number; pages: number }[];
      steps: Step[];
      stamps?: Stamp[];
      copies: string[];
      members: Record<string, string>;
      /** Absent from records of before there were levels: B-B. */
      level?: PadesLevel;
      at: Instant;
      personal: PersonalOfDraft;
    }
  | { type: "CollecteLaunched"; expiresAt: Instant; at: Instant }
  | { type: "SignatoryInvited"; signatoryId: string; linkGeneration: number; at: Instant }
  | {
      type: "ConsentGiven";
      signatoryId: string;
      sessionId: string;
      documents: string[];
      consentText: string;
      at: Instant;
      personal: { trace: Trace };
    }
  | {
      type: "OtpIssued";
      signatoryId: string;
      otpId: string;
      salt: string;
      mac: string;
      sessionId: string;
      documents: string[];
      expiresAt: Instant;
      at: Instant;
    }
  | { type: "OtpFailed"; signatoryId: string; otpId: string; at: Instant; personal: { trace: Trace } }
  | { type: "SignatoryLocked"; signatoryId: string; at: Instant }
  | { type: "OtpConsumed"; signatoryId: string; otpId: string; at: Instant; personal: { trace: Trace } }
  | { type: "SignatureOrdered"; signatoryId: string; otpId: string; documents: string[]; at: Instant }
  | {
      type: "SignatureApplied";
      signatoryId: string;
      documents: SignedDocument[];
      level: PadesLevel;
      at: Instant;
    }
  | { type: "SealOrdered"; step: number; at: Instant }
  | {
      type: "SealApplied";
      step: number;
      documents: SignedDocument[];
      level: PadesLevel;
      at: Instant;
    }
  | { type: "SigningFailed"; by: { signatoryId: string } | { seal: number }; code: string; at: Instant }
  | {
      type: "SigningDelayed";
      by: { signatoryId: string } | { seal: number };
      code: PendingCode;
      reason: string;
      at: Instant;
    }
  | {
      type: "CollecteRefused";
      signatoryId: string;
      at: Instant;
      personal: { reason?: string; trace: Trace };
    }
  | { type: "CollecteExpired"; at: Instant }
  | { type: "CollecteCompleted"; at: Instant }
  | {
      type: "NotificationSent" | "NotificationFailed";
      effectId: string;
      channel: "mail" | "sms";
      notice: string;
      to: string;
      reference: string;
      at: Instant;
    };
