import type {
  GiveConsent,
  RecordNotification,
  RecordSignature,
  RefuseToSign,
  SealAsMember,
  SignAsMember,
  SignDocuments,
} from "../../src/actors/collecte/commands.ts";
import type { Event } from "../../src/actors/collecte/events.ts";
import type { PreparerCommand } from "../../src/actors/collecte/preparer-commands.ts";
import {
  type Collecte,
  documentHeads,
  type Instant,
  type Signatory,
} from "../../src/actors/collecte/state.ts";

/** The MAC of the right code of an OTP, as the door would compute it, and one that is wrong. */
export const rightMac = (otpId: string) => `mac of ${otpId}`;
export const wrongMac = (otpId: string) => `not of ${otpId}`;

const certificate = { sha256: "c".repeat(64), serialHex: "0a" };
const trace = { ip: "192.0.2.1", userAgent: "a browser" };

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** The commands that fit a told collecte as it is now. */
export abstract class ToldCommands {
  readonly state: Collecte;
  readonly now: Instant;

  constructor(state: Collecte, now: Instant) {
    this.state = state;
    this.now = now;
  }

  abstract get events(): Event[];

  consent(signatoryId: string, otherwise: Partial<GiveConsent> = {}): GiveConsent {
    const otpId = `otp-${this.events.filter(({ type }) => type === "OtpIssued").length + 1}`;
    return {
      type: "GiveConsent",
      ...this.#who(signatoryId),
      documents: documentHeads(this.state),
      consentText: "j'ai bien lu",
      otp: { id: otpId, salt: `salt of ${otpId}`, mac: rightMac(otpId), sealedCode: `sealed ${otpId}` },
      at: this.now,
      personal: { trace },
      ...otherwise,
    };
  }

  signing(signatoryId: string, otherwise: Partial<SignDocuments> = {}): SignDocuments {
    const otpId = this.otpOf(signatoryId);
    return {
      type: "SignDocuments",
      ...this.#who(signatoryId),
      otpId,
      mac: rightMac(otpId),
      at: this.now,
      personal: { trace },
      ...otherwise,
    };
  }

  refusal(signatoryId: string, otherwise: Partial<RefuseToSign> = {}): RefuseToSign {
    const { linkGeneration } = this.#who(signatoryId);
    return {
      type: "RefuseToSign",
      signatoryId,
      linkGeneration,
      at: this.now,
      personal: { reason: "not my figures", trace },
      ...otherwise,
    };
  }

  /** What the signing effect answers for whoever is first in the queue. */
  recorded(otherwise: Partial<RecordSignature> = {}): RecordSignature {
    return {
      type: "RecordSignature",
      by: this.state.ordered[0] ?? { signatoryId: "nobody" },
      documents: this.state.documents.map(({ id, head, bytes, revisions }) => ({
        id,
        before: head,
        after: `${id}-r${revisions + 1}`,
        bytes: bytes + 1000,
        certificate,
      })),
      level: "B-B",
      at: this.now,
      ...otherwise,
    };
  }

  notified(otherwise: Partial<RecordNotification> = {}): RecordNotification {
    return {
      type: "RecordNotification",
      effectId: "col.2.0",
      channel: "mail",
      notice: "invitation",
      to: "s1",
      status: "sent",
      reference: "<col.2.0@collecte.example>",
      at: this.now,
      ...otherwise,
    };
  }

  /** The preparer's order, by the firm's key, now. */
  ordering(order: Without<PreparerCommand, "by" | "at">): PreparerCommand {
    return { by: { keyId: "key_1" }, at: this.now, ...order } as PreparerCommand;
  }

  /** A member's parapheur signs for a signatory. */
  inParapheur(signatoryId: string, otherwise: Partial<SignAsMember> = {}): SignAsMember {
    return {
      type: "SignAsMember",
      signatoryId,
      memberId: this.state.signatories[signatoryId]?.memberId ?? "mem_9",
      sessionId: "parapheur",
      otpId: "otp-p",
      documents: documentHeads(this.state),
      consentText: "j'ai bien lu",
      at: this.now,
      personal: { trace },
      ...otherwise,
    };
  }

  /** And has a seal made. */
  approval(seal: number, memberId: string, otherwise: Partial<SealAsMember> = {}): SealAsMember {
    return {
      type: "SealAsMember",
      seal,
      memberId,
      sessionId: "parapheur",
      otpId: "otp-p",
      documents: documentHeads(this.state),
      at: this.now,
      personal: { trace },
      ...otherwise,
    };
  }

  signatory(id: string): Signatory {
    const signatory = this.state.signatories[id];
    if (!signatory) throw new Error(`nobody is called ${id}`);
    return signatory;
  }

  /** The live code's id, or one that never was. */
  otpOf(signatoryId: string): string {
    return this.state.signatories[signatoryId]?.otp?.id ?? "otp-0";
  }

  #who(signatoryId: string) {
    const linkGeneration = this.state.signatories[signatoryId]?.linkGeneration ?? 1;
    return { signatoryId, linkGeneration, sessionId: `session of ${signatoryId}` };
  }
}
