import type { Instant } from "../../runtime/ports.ts";
import { dateAndTime } from "./dates.ts";
import { type Language, oneLine } from "./text.ts";

/** What a visible signature or seal says: who, when on the clocks of Paris, and why if that is short enough to show. */
export function stampLines(
  { name, at, reason }: { name: string; at: Instant; reason?: string },
  language: Language,
): string[] {
  const signed =
    language === "fr"
      ? `Signé ${dateAndTime(at, "fr")} (heure de Paris)`
      : `Signed ${dateAndTime(at, "en")} (Paris time)`;
  return [oneLine(name), signed, ...(reason === undefined ? [] : [oneLine(reason)])];
}
