import type { Case, Evidence, Verdict } from "./evidence.ts";
import { judgeMails, judgeSmses } from "./judge-notices.ts";
import type { Played, Shown } from "./story.ts";
import type { Command } from "./told.ts";

/** Believes what clients were told, and compares it with what can be read, downloaded and found in letter boxes. */
export function judge(evidence: Evidence): Verdict {
  const verdict: Verdict = { lost: [], doubled: [], reordered: [], strange: [...evidence.changed] };
  for (const command of evidence.commands) judgeAnswer(command, verdict);
  for (const one of evidence.cases) {
    const commands = evidence.commands.filter(({ collecteId, request }) => {
      const title = (request.body as { title?: string } | undefined)?.title;
      return collecteId === one.played.collecteId || title === one.played.part.title;
    });
    judgeRecord(one, commands, verdict);
    judgeDocuments(one, verdict);
  }
  judgeMails(evidence, verdict);
  judgeSmses(evidence, verdict);
  return verdict;
}

function judgeAnswer({ name, who, collecteId, answer, expected }: Command, verdict: Verdict): void {
  const what = `${name} by ${who} of ${collecteId}`;
  if (!answer) verdict.lost.push(`${what} was never answered`);
  else if (expected === "ok" && !answer.ok) verdict.lost.push(`${what} was refused: ${answer.code}`);
  // What would have made the engine refuse it was told to be done.
  else if (expected !== "ok" && answer.ok)
    verdict.lost.push(`${what} was not refused (${expected}): what came before it is forgotten`);
  else if (!answer.ok && answer.code !== expected)
    verdict.strange.push(`${what} was refused: ${answer.code}, not ${expected}`);
}

/** Each event once, as the clients were told, and in the order in which they caused them. */
function judgeRecord({ played, shown }: Case, commands: Command[], verdict: Verdict): void {
  const about = (text: string) => `${played.part.title} (${played.collecteId}): ${text}`;
  if (played.failure !== undefined) verdict.lost.push(about(played.failure));
  if (!shown) {
    if (played.collecteId !== "") verdict.lost.push(about("is not there"));
    return;
  }
  const places = new Map<string, number[]>();
  shown.history.forEach((event, place) => {
    const name = nameOf(event);
    places.set(name, [...(places.get(name) ?? []), place]);
  });
  const isAsExpected = ({ answer, expected }: Command) =>
    answer !== undefined && (answer.ok ? "ok" : answer.code) === expected;
  const told = commands.filter(isAsExpected);
  const wanted = new Set([...told.flatMap(({ events }) => events), ...consequences(played)]);
  for (const name of wanted) if (!places.has(name)) verdict.lost.push(about(`${name} is not in the record`));
  for (const [name, { length }] of places) {
    if (length > 1 && !mayRecur(name))
      verdict.doubled.push(about(`${name} is ${length} times in the record`));
    const mayBe =
      wanted.has(name) ||
      mayFollow(name) ||
      commands.some(({ answer, events }) => !answer && events.includes(name));
    if (!mayBe && played.failure === undefined) verdict.strange.push(about(`nobody asked for ${name}`));
  }
  for (const first of told)
    for (const second of told) {
      if ((first.toldAt ?? 0) >= second.sentAt) continue;
      for (const [before, after] of first.events.flatMap((one) => second.events.map((two) => [one, two]))) {
        const [here, there] = [places.get(before ?? "")?.[0], places.get(after ?? "")?.[0]];
        if (here !== undefined && there !== undefined && here >= there)
          verdict.reordered.push(about(`${after} stands before ${before}`));
      }
    }
}

/** Who comes again in another session has read again. */
function mayRecur(name: string): boolean {
  return name === "DocumentsAccessed";
}

/**
 * Who read is noted behind their back, and who signed before a refusal is told of it.
 *
 * That an invitation or a code was sent is not noted when the sender died with it and the signatory has acted on it
 * before anybody else came to send it again.
 */
function mayFollow(name: string): boolean {
  return mayRecur(name) || /^NotificationSent (?:mail invitation|mail closed|sms otp) /.test(name);
}

/** What must have followed, all by itself, when a part was played to its end. */
function consequences({ part, signatories, failure }: Played): string[] {
  if (failure !== undefined) return [];
  const all = signatories.flat().map(({ id }) => id);
  const signing = part.refused ? all.slice(0, -1) : all;
  return [
    "EvidenceFiled",
    ...all.map((id) => `SignatoryInvited ${id}`),
    ...signing.map((id) => `SignatureApplied ${id}`),
    ...(part.refused
      ? ["NotificationSent mail refused preparer"]
      : [
          ...all.map((id) => `NotificationSent mail completed ${id}`),
          ...(part.sealed ? [`SealOrdered ${part.steps.length}`, `SealApplied ${part.steps.length}`] : []),
          "CollecteCompleted",
        ]),
  ];
}

function nameOf(event: Shown["history"][number]): string {
  const { type, signatoryId, step, channel, notice, to } = event;
  return [type, signatoryId, step, channel, notice, to].filter((word) => word !== undefined).join(" ");
}

/** One valid signature of each who signed, and of nobody else. */
function judgeDocuments({ played, reports }: Case, verdict: Verdict): void {
  const { part, signatories, failure } = played;
  if (failure !== undefined || part.refused) return;
  const about = (text: string) => `a document of ${part.title} (${played.collecteId}) ${text}`;
  const names = signatories.flat().map(({ firstName, lastName }) => `${firstName} ${lastName}`.toUpperCase());
  if (reports.length !== part.documents) verdict.lost.push(about("is not there"));
  for (const report of reports) {
    const { verdict: judged, signatures, problems } = report;
    if (judged !== "TOTAL-PASSED") verdict.lost.push(about(`is ${judged}: ${problems.join()}`));
    for (const name of names) {
      const { length } = signatures.filter(({ signer }) => signer.commonName.toUpperCase() === name);
      if (length === 0) verdict.lost.push(about(`has no signature of ${name}`));
      if (length > 1) verdict.doubled.push(about(`has ${length} signatures of ${name}`));
    }
    const count = names.length + (part.sealed ? 1 : 0);
    if (signatures.length > count)
      verdict.doubled.push(about(`has ${signatures.length} signatures, not ${count}`));
    if (signatures.length < count)
      verdict.lost.push(about(`has ${signatures.length} signatures, not ${count}`));
  }
}
