import type { Language } from "./text.ts";

/** The box that a signatory ticks before a code is sent. */
export const consentSentence: Record<Language, string> = {
  fr: "j'ai bien lu les informations du document et je souhaite maintenant signer",
  en: "I have read the information in the document and I now wish to sign",
};

/** What PDF readers show as the reason of a seal. */
export const sealReason: Record<Language, string> = {
  fr: "Cachet du cabinet",
  en: "Seal of the firm",
};
