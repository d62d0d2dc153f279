import { DateTime } from "luxon";
import type { Instant } from "../../runtime/ports.ts";
import type { Language } from "./text.ts";

/** "le 8 décembre 2026 à 14:05", "on 8 December 2026 at 14:05": on the clocks of Paris, wherever the engine runs. */
export function dateAndTime(at: Instant, language: Language): string {
  const there = DateTime.fromMillis(at, { zone: "Europe/Paris", locale: language });
  if (language === "en") return there.toFormat("'on' d MMMM yyyy 'at' HH:mm");
  return there.day === 1
    ? there.toFormat("'le 1er' MMMM yyyy 'à' HH:mm")
    : there.toFormat("'le' d MMMM yyyy 'à' HH:mm");
}

/** The sentence that says until when one may sign. */
export function deadline(at: Instant, language: Language): string {
  return language === "fr"
    ? `Vous pouvez signer jusqu'à la date limite, ${dateAndTime(at, "fr")} (heure de Paris).`
    : `You may sign until the deadline, ${dateAndTime(at, "en")} (Paris time).`;
}
