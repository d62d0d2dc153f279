import type { Directory, SmsBook, SmsBudget, SmsCapCode, SmsCaps } from "./ports.ts";
import { dayOf } from "./rates.ts";
import type { Secrets } from "./secrets.ts";

export interface SmsBudgetOptions {
  book: Pick<SmsBook, "take" | "counts">;
  directory: Pick<Directory, "firm">;
  secrets: Pick<Secrets, "tag">;
  /** Of any number, and of a firm that has no cap of its own, in one calendar day of Paris. */
  caps: SmsCaps;
}

/**
 * Bounds what somebody can make us send: calling numbers that pay whoever owns them is a trade ("SMS pumping"). What is
 * counted is a try, sent or not, and a number is only known by its keyed digest.
 */
export function createSmsBudget({ book, directory, secrets, caps }: SmsBudgetOptions): SmsBudget {
  async function capsOf(firmId: string): Promise<SmsCaps> {
    const firm = await directory.firm(firmId);
    return { ...caps, perFirm: firm?.settings.smsPerDay ?? caps.perFirm };
  }

  return {
    async take({ idempotencyKey: effectId, to, firmId, about }, now) {
      const sending = { effectId, firmId, ...(about && { about }) };
      const caps = await capsOf(firmId);
      return book.take(sending, secrets.tag("sms-number", to), dayOf(now), caps, now);
    },
    async refusal(firmId, phone, now): Promise<SmsCapCode | undefined> {
      const { perNumber, perFirm } = await capsOf(firmId);
      const { number, firm } = await book.counts(firmId, secrets.tag("sms-number", phone), dayOf(now));
      if (number >= perNumber) return "sms_number_cap";
      return firm >= perFirm ? "sms_firm_cap" : undefined;
    },
  };
}
