import type { SignedDocument } from "./commands.ts";
import type { PadesLevel } from "./levels.ts";
import type { LifeEvent } from "./life-events.ts";
import type { Plan } from "./plan.ts";
import type { By, Instant, PendingCode, Trace } from "./state.ts";

/**
 * What happened. Events are the collecte's audit record: never changed, never removed.
 * Whatever tells about people stands under `personal`, which the store encrypts.
 */
export type Event =
  | ({ type: "CollecteCreated"; firmId: string; by?: By } & Plan)
  /** All that a draft is from then on. */
  | ({ type: "DraftRevised"; by: By } & Plan)
  | { type: "DraftAbandoned"; at: Instant }
  | { type: "CollecteLaunched"; expiresAt: Instant; by?: By; at: Instant }
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
  /** With `memberId`, a member signed in their parapheur, and this one's certificate is used. */
  | {
      type: "SignatureOrdered";
      signatoryId: string;
      otpId: string;
      documents: string[];
      memberId?: string;
      delegationId?: string;
      at: Instant;
    }
  | {
      type: "SignatureApplied";
      signatoryId: string;
      documents: SignedDocument[];
      level: PadesLevel;
      at: Instant;
    }
  /** `step` is the seal's key; the rest is of a seal that waited for its approver. */
  | {
      type: "SealOrdered";
      step: number;
      memberId?: string;
      delegationId?: string;
      sessionId?: string;
      otpId?: string;
      documents?: string[];
      at: Instant;
      personal?: { trace: Trace };
    }
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
  | { type: "CollecteCancelled"; by: By; at: Instant; personal: { reason: string } }
  | { type: "CollecteExpired"; at: Instant }
  | { type: "CollecteCompleted"; at: Instant }
  | LifeEvent;
