import type { Language } from "./text.ts";

/** What PDF readers show as the reason of a seal. */
export const sealReason: Record<Language, string> = {
  fr: "Cachet du cabinet",
  en: "Seal of the firm",
};
