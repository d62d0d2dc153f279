import { getCountries } from "libphonenumber-js/max";

const frenchNames = new Intl.DisplayNames("fr", { type: "region" });
const englishNames = new Intl.DisplayNames("en", { type: "region" });

/** The countries that have telephone numbers, as the template offers them: `France (FR)`. */
export function countryChoices(language: "fr" | "en"): string[] {
  const names = language === "fr" ? frenchNames : englishNames;
  return getCountries()
    .map((code) => `${names.of(code) ?? code} (${code})`)
    .sort((one, other) => one.localeCompare(other, language));
}

const codeAtEnd = /\(([A-Z]{2})\)$/;
let byWord: Map<string, string> | undefined;

/** ISO 3166-1 alpha-2 of a country as people write it; undefined for none. */
export function readCountry(text: string): string | undefined {
  byWord ??= new Map(
    getCountries().flatMap((code) =>
      [code, frenchNames.of(code), englishNames.of(code)].map(
        (name) => [wordOf(name ?? code), code] as const,
      ),
    ),
  );
  const trimmed = text.trim();
  return byWord.get(wordOf(codeAtEnd.exec(trimmed)?.[1] ?? trimmed));
}

const languages: Readonly<Record<string, "fr" | "en">> = {
  fr: "fr",
  francais: "fr",
  french: "fr",
  en: "en",
  anglais: "en",
  english: "en",
};

export function readLanguage(text: string): "fr" | "en" | undefined {
  return languages[wordOf(text)];
}

function wordOf(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[^\p{L}\p{N}]/gu, "")
    .toLowerCase();
}
