/** The box that a signatory ticks before a code is sent. What was ticked stands on the record, word for word. */
export const consentSentences = {
  fr: "j'ai bien lu les informations du document et je souhaite maintenant signer",
  en: "I have read the information in the document and I now wish to sign",
} as const;
