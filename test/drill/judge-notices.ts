import type { Arrival, Evidence, Strike, Verdict } from "./evidence.ts";
import { firmEmail } from "./ground.ts";
import { reasonOf } from "./story.ts";

/** A clock's grain, and what a dying process had under way when its death was seen. */
const graceMs = 1_000;

/**
 * Everybody got each notice, as one mail: under one Message-ID. The same mail may come again, once for each strike
 * between the two arrivals.
 */
export function judgeMails({ cases, mails, strikes }: Evidence, verdict: Verdict): void {
  for (const [id, arrivals] of groupBy(mails, ({ id }) => id)) {
    const free = [...strikes];
    for (const [i, { at, to }] of arrivals.entries()) {
      const before = arrivals[i - 1];
      if (!before) continue;
      const excuse = free.findIndex((strike) => mayHaveHit(strike, before.at, at));
      if (excuse < 0) verdict.doubled.push(`mail ${id} to ${to} came again, and nothing had struck`);
      else free.splice(excuse, 1);
    }
  }
  for (const { played } of cases) {
    if (played.failure !== undefined) continue;
    const { part, signatories } = played;
    const expected = signatories
      .flat()
      .flatMap(({ email }) => [
        { to: email, marker: "/sign#" },
        ...(part.refused ? [] : [{ to: email, marker: "/download#" }]),
      ]);
    if (part.refused) expected.push({ to: firmEmail, marker: reasonOf(part) });
    for (const { to, marker } of expected) {
      const found = mails.filter((mail) => mail.to === to && holds(mail.text, marker));
      const { size } = new Set(found.map(({ id }) => id));
      if (size === 0) verdict.lost.push(`no mail with ${marker} came to ${to}`);
      if (size > 1) verdict.doubled.push(`${size} mails with ${marker} came to ${to}`);
    }
  }
}

/** Each code that was ordered came to its phone, as one SMS. */
export function judgeSmses({ cases, commands, smses }: Evidence, verdict: Verdict): void {
  for (const { played } of cases)
    for (const { id, phone } of played.signatories.flat()) {
      const ordered = commands.filter(
        ({ name, who, collecteId, answer }) =>
          name === "consent" && who === id && collecteId === played.collecteId && answer?.ok === true,
      ).length;
      const came = smses.filter(({ to }) => to === phone).length;
      if (came < ordered)
        verdict.lost.push(`${came} SMS of ${ordered} came to ${id} of ${played.part.title}`);
      if (came > ordered && played.failure === undefined)
        verdict.doubled.push(`${came} SMS, not ${ordered}, came to ${id} of ${played.part.title}`);
    }
}

/** Lines of a mail may be folded, within a reason too. */
function holds(text: string, marker: string): boolean {
  return text.replace(/\s+/g, " ").includes(marker);
}

function mayHaveHit({ from, to }: Strike, first: number, second: number): boolean {
  return from <= second && to >= first - graceMs;
}

function groupBy(arrivals: readonly Arrival[], keyOf: (arrival: Arrival) => string): Map<string, Arrival[]> {
  const groups = new Map<string, Arrival[]>();
  for (const arrival of arrivals)
    groups.set(keyOf(arrival), [...(groups.get(keyOf(arrival)) ?? []), arrival]);
  return groups;
}
