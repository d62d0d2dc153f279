import { DateTime } from "luxon";
import type { Event } from "../../../collecte/events.ts";
import type { Collecte } from "../../../collecte/state.ts";
import type { Instant } from "../../../runtime/ports.ts";
import type { Language } from "../text.ts";

/** What the sentences of a record need besides an event: the collecte as it was before it and as it is after it. */
export interface About {
  language: Language;
  before: Collecte;
  after: Collecte;
  /** Members' names, by id. */
  members: Readonly<Record<string, string>>;
}

export type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

/** "30/11/2026 10:00:12 (UTC+01:00)": on the clocks of Paris, with what they differ from UTC. */
export function stamped(at: Instant): string {
  const there = DateTime.fromMillis(at, { zone: "Europe/Paris" });
  return there.toFormat("dd/MM/yyyy HH:mm:ss '(UTC'ZZ')'");
}

/** A person's name, of whichever time it is known; their id where it is not. */
export function person({ before, after }: About, id: string): string {
  return after.personal.people[id]?.name ?? before.personal.people[id]?.name ?? id;
}

export function document({ after }: About, id: string): string {
  return after.personal.documentNames?.[id] ?? id;
}

export const member = ({ members }: Pick<About, "members">, id: string): string => members[id] ?? id;

/** "label : value", as the language sets its colons. */
export function labelled({ language }: Pick<About, "language">, label: string, value: string): string {
  return language === "fr" ? `${label}\u00a0: ${value}` : `${label}: ${value}`;
}

/** Where an act came from, a line each. */
export function traces(about: Pick<About, "language">, trace: { ip?: string; userAgent?: string } | undefined): string[] {
  const { ip, userAgent } = trace ?? {};
  return [
    ...(ip === undefined ? [] : [labelled(about, about.language === "fr" ? "Adresse IP" : "IP address", ip)]),
    ...(userAgent === undefined
      ? []
      : [labelled(about, about.language === "fr" ? "Navigateur" : "Browser", userAgent)]),
  ];
}
