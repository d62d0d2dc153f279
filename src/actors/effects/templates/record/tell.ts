import type { Event } from "../../../collecte/events.ts";
import { evolve } from "../../../collecte/evolve.ts";
import { type Collecte, nothing } from "../../../collecte/state.ts";
import type { Instant, RecordedEvent } from "../../../runtime/ports.ts";
import type { Language } from "../text.ts";
import type { About, Said, Tellers } from "./about.ts";
import { beside } from "./beside.ts";
import { course } from "./course.ts";

/** How each type of event is told. */
export const tellers: Tellers<Event["type"]> = { ...course, ...beside };

/** An event as people read it. */
export interface ToldEvent {
  at: Instant;
  type: string;
  text: string;
  details: string[];
}

/** A record told in a language, and the collecte at its end. */
export interface ToldRecord {
  events: ToldEvent[];
  state: Collecte;
}

/** Tells a record, oldest first; an event of a type that is not known here, by its name. */
export function tellRecord(
  events: readonly RecordedEvent[],
  language: Language,
  members: Readonly<Record<string, string>>,
): ToldRecord {
  let state = nothing;
  const told = events.map(({ type, data, at }): ToldEvent => {
    if (!isKnown(type)) return { at, type, text: type, details: [] };
    const event = withPersonal(data, type);
    const before = state;
    state = evolve(before, event);
    const { details = [], ...said } = tell(event, { language, before, after: state, members });
    return { at, type, text: said[language], details };
  });
  return { events: told, state };
}

function tell(event: Event, about: About): Said {
  const teller = tellers[event.type] as (event: Event, about: About) => Said;
  return teller(event, about);
}

const isKnown = (type: string): type is Event["type"] => Object.hasOwn(tellers, type);

/** What was personal may be gone for ever: then nothing is said of people. */
function withPersonal(data: Record<string, unknown>, type: Event["type"]): Event {
  const isGone = typeof data["personal"] === "string";
  const personal = isGone ? { title: "", people: {}, person: { name: "", email: "" } } : data["personal"];
  return { ...data, type, ...(personal !== undefined && { personal }) } as Event;
}
