import type { Collecte } from "../../collecte/state.ts";

/** What a collecte's people read. */
export type Language = Collecte["language"];

/** One line without control characters: a title or a name can begin no header and no paragraph of its own. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .replace(bidiControls, "")
    .trim();
}

/** The paragraphs of a text that somebody typed, each on one line. */
export function paragraphs(text: string): string[] {
  return text
    .split(/[\r\n\u2028\u2029]+/)
    .map(oneLine)
    .filter(Boolean);
}

/** For element content and for attributes between double quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

/** In the language's own quotation marks; the spaces inside do not break. */
export function quoted(text: string, language: Language): string {
  return language === "fr" ? `«\u00a0${oneLine(text)}\u00a0»` : `“${oneLine(text)}”`;
}

// They could make a title read as another one (Unicode TR 36, section 3).
const bidiControls = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
