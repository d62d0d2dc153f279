import type { PadesLevel } from "./levels.ts";
import type { By, Instant, Person, Step, Trace } from "./state.ts";

/*
 * What the preparer changed while a collecte ran, and what went on beside its course.
 */

export type LifeEvent =
  /** `steps` are all that are not done, with the keys of their seals. */
  | { type: "OrderChanged"; steps: Step[]; by: By; at: Instant }
  | {
      type: "SignatoryReplaced";
      signatoryId: string;
      replacementId: string;
      memberId?: string;
      by: By;
      at: Instant;
      personal: { person: Person };
    }
  | {
      type: "PersonCorrected";
      personId: string;
      by: By;
      at: Instant;
      personal: { email?: string; phone?: string };
    }
  | {
      type: "SignatoriesReminded";
      /** Ids in `people`. */
      reminded: string[];
      scheduled: boolean;
      expiresAt: Instant;
      by?: By;
      at: Instant;
    }
  | { type: "SignatoryUnlocked"; signatoryId: string; by: By; at: Instant }
  | { type: "SigningRetried"; by: By; at: Instant }
  | { type: "SealAwaited"; step: number; approverId: string; memberId: string; at: Instant }
  | {
      type: "DocumentsAccessed";
      personId: string;
      sessionId: string;
      act: "read" | "downloaded";
      documents: string[];
      at: Instant;
      personal: { trace: Trace };
    }
  | { type: "EvidenceFiled"; sha256: string; bytes: number; level: PadesLevel; at: Instant }
  | { type: "DocumentsDelivered"; how: "pushed" | "fetched"; by?: By; at: Instant }
  | { type: "PurgeAnnounced"; purgeAt: Instant; at: Instant }
  | { type: "PurgeBegun"; at: Instant }
  | { type: "CollectePurged"; removed: number; kept: number; at: Instant }
  | { type: "PeopleForgotten"; at: Instant }
  | { type: "UpkeepFailed"; what: "evidence" | "deliver" | "purge" | "forget"; code: string; at: Instant }
  | {
      type: "NotificationSent" | "NotificationDelivered" | "NotificationFailed";
      effectId: string;
      channel: "mail" | "sms";
      notice: string;
      to: string;
      reference: string;
      at: Instant;
    };
