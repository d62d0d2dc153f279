import type { Language } from "./text.ts";

/** What a signature says of the one who was asked, where another member signs by their delegation. */
export const inPlaceOf: Record<Language, (expert: string) => string> = {
  fr: (expert) => `pour ${expert}, par délégation`,
  en: (expert) => `for ${expert}, by delegation`,
};
