import type { SmsBook, SmsReceipt, SmsSending } from "../../../../src/actors/runtime/ports.ts";

interface Entry {
  sending: SmsSending;
  gateway?: string;
  reference?: string;
}

/** The book of SMS without a database. */
export class MemoryBook implements SmsBook {
  readonly entries = new Map<string, Entry>();
  readonly early: SmsReceipt[] = [];
  readonly counted = new Map<string, number>();

  /** As `take` does when no cap is reached. */
  add(sending: SmsSending): void {
    if (!this.entries.has(sending.effectId)) this.entries.set(sending.effectId, { sending });
  }

  take: SmsBook["take"] = async (sending, number, day, caps) => {
    if (this.entries.has(sending.effectId)) return undefined;
    const { number: ofNumber, firm } = await this.counts(sending.firmId, number, day);
    if (ofNumber >= caps.perNumber) return "sms_number_cap";
    if (firm >= caps.perFirm) return "sms_firm_cap";
    this.counted.set(`${day}n${number}`, ofNumber + 1);
    this.counted.set(`${day}f${sending.firmId}`, firm + 1);
    this.add(sending);
    return undefined;
  };
  counts: SmsBook["counts"] = async (firmId, number, day) => ({
    number: this.counted.get(`${day}n${number}`) ?? 0,
    firm: this.counted.get(`${day}f${firmId}`) ?? 0,
  });
  whereabouts: SmsBook["whereabouts"] = async (effectId) => {
    const { gateway, reference } = this.entries.get(effectId) ?? {};
    return { ...(gateway !== undefined && { gateway }), ...(reference !== undefined && { reference }) };
  };
  ask: SmsBook["ask"] = async (effectId, gateway, instead) => {
    const entry = this.entries.get(effectId);
    if (!entry || entry.gateway !== instead) return false;
    entry.gateway = gateway;
    return true;
  };
  release: SmsBook["release"] = async (effectId, gateway) => {
    const entry = this.entries.get(effectId);
    if (entry?.gateway === gateway && entry.reference === undefined) delete entry.gateway;
  };
  accepted: SmsBook["accepted"] = async (effectId, gateway, reference) => {
    const entry = this.entries.get(effectId);
    if (entry) Object.assign(entry, { gateway, reference });
    return this.early.filter((one) => one.gateway === gateway && one.reference === reference);
  };
  owner: SmsBook["owner"] = async (receipt) => {
    const found = [...this.entries.values()].find(
      ({ sending, gateway, reference }) =>
        gateway === receipt.gateway &&
        (receipt.isOurName ? sending.effectId : reference) === receipt.reference,
    );
    if (!found) this.early.push(receipt);
    return found?.sending;
  };
  forget: SmsBook["forget"] = async () => undefined;
}
