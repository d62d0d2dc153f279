import type { Trace } from "./commands.ts";
import type { Instant, Purpose } from "./state.ts";

/** What happened. Whatever tells about people stands under `personal`, which the store encrypts. */
export type MemberEvent =
  | {
      type: "CodeIssued";
      memberId: string;
      firmId: string;
      otpId: string;
      purpose: Purpose;
      salt: string;
      mac: string;
      sessionId: string;
      bound: string[];
      expiresAt: Instant;
      at: Instant;
      personal: { trace: Trace };
    }
  | { type: "CodeFailed"; otpId: string; at: Instant; personal: { trace: Trace } }
  | { type: "CodeUsed"; otpId: string; purpose: Purpose; at: Instant; personal: { trace: Trace } }
  | { type: "MemberLocked"; at: Instant }
  | { type: "MemberUnlocked"; by: { keyId?: string; memberId?: string }; at: Instant }
  | { type: "CertificateOrdered"; codeId: string; at: Instant }
  | {
      type: "CertificateIssued";
      codeId: string;
      issued: { sha256: string; serialHex: string; notAfter: Instant };
      at: Instant;
    }
  | { type: "CertificateFailed"; codeId: string; code: string; at: Instant }
  | {
      type: "MemberNotified" | "MemberNotNotified";
      effectId: string;
      reference: string;
      at: Instant;
    };
