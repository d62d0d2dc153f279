import type { Instant } from "../ports.ts";

/** Which actor is told what became of an SMS, in whose words. Ids only. */
export interface SmsAbout {
  firmId: string;
  actorId: string;
  actorKind: string;
  notice: string;
  /** The actor's own id of the person. */
  to: string;
}

export interface Sms {
  /** The effect's id: the same for each try of one SMS. */
  idempotencyKey: string;
  /** E.164. */
  to: string;
  text: string;
  /** Whose countries and caps it is bound by. */
  firmId: string;
  /** Without it nobody hears whether it arrived. */
  about?: SmsAbout;
}

/** What goes over the air: whose it is, is nothing to who carries it. */
export type CarriedSms = Pick<Sms, "idempotencyKey" | "to" | "text">;

/**
 * Sends an SMS once, however often it is asked to. Throws `Retryable`, also while nobody can tell whether it went out
 * and it is safe to ask again; or `Terminal`, `sms_doubtful` where it is not.
 */
export interface SmsGateway {
  send(sms: Sms): Promise<{ reference: string }>;
}

/** What a network says of an SMS: `code` is why it failed, a stable one of ours. */
export interface SmsReceipt {
  gateway: string;
  /** As the gateway named the SMS; or our own name for it. */
  reference: string;
  isOurName?: boolean;
  status: "delivered" | "failed";
  code: string;
  at: Instant;
}

export type SmsCapCode = "sms_number_cap" | "sms_firm_cap";

export interface SmsCaps {
  perNumber: number;
  perFirm: number;
}

/** Whose SMS it is, and what counts it. */
export interface SmsSending {
  effectId: string;
  firmId: string;
  about?: SmsAbout;
}

/** Where an SMS may be: with the gateway that was asked last, which took it if there is a reference. */
export interface SmsWhereabouts {
  gateway?: string;
  reference?: string;
}

/** How many SMS went out, and where each is. Durable once a call resolves; the same for all processes. */
export interface SmsBook {
  /** Counts an SMS for its number (a keyed digest) and its firm unless a cap is reached. Once per effect. */
  take(
    sending: SmsSending,
    number: string,
    day: string,
    caps: SmsCaps,
    now: Instant,
  ): Promise<SmsCapCode | undefined>;
  /** Without counting. */
  counts(firmId: string, number: string, day: string): Promise<{ number: number; firm: number }>;
  whereabouts(effectId: string): Promise<SmsWhereabouts>;
  /** Says that a gateway is about to be asked, in place of `instead`; false when another process was faster. */
  ask(effectId: string, gateway: string, instead?: string): Promise<boolean>;
  /** Says that this gateway certainly did not take it. */
  release(effectId: string, gateway: string): Promise<void>;
  /** Says that it did; answers what was heard of it before. */
  accepted(effectId: string, gateway: string, reference: string): Promise<SmsReceipt[]>;
  /** Whose SMS a receipt is about. Undefined when nobody knows yet: it is kept for a while, for `accepted`. */
  owner(receipt: SmsReceipt): Promise<SmsSending | undefined>;
  /** Forgets what is over. */
  forget(now: Instant): Promise<void>;
}

/** What firms may send. */
export interface SmsBudget {
  /** Counts the SMS of an effect, once; answers which cap forbids it. */
  take(sms: Sms, now: Instant): Promise<SmsCapCode | undefined>;
  /** Whether one more could be sent now, without counting it. */
  refusal(firmId: string, phone: string, now: Instant): Promise<SmsCapCode | undefined>;
}

/** A call of a gateway that says what became of SMS; nothing of it was believed yet. */
export interface SmsReceiptCall {
  /** The last part of the path, of gateways that show their secret there. */
  pathSecret: string;
  header(name: string): string | undefined;
  contentType: string;
  body: Uint8Array;
}

export interface SmsReceipts {
  /** Resolves once what the call says is durable. */
  take(gateway: string, call: SmsReceiptCall): Promise<"taken" | "unknown" | "forged" | "unreadable">;
}
