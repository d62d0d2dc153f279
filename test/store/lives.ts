import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "../../src/actors/collecte/commands.ts";
import { collecteDecider } from "../../src/actors/collecte/decider.ts";
import { type Committer, createCommitter } from "../../src/actors/runtime/committer.ts";
import { lawsOf } from "../../src/actors/runtime/laws.ts";
import type { Clock, Journal, Log, Message, Outcome } from "../../src/actors/runtime/ports.ts";
import { creation, noCollecte, type Told, type ToldCollecte } from "../support/collecte-builder.ts";

/** What is said about people, in words that are found nowhere else. */
export const canaries = {
  title: "canary-title-7f3a",
  message: "canary-message-19bc",
  name: "Canary-Name-5d21",
  firstName: "Canary-First-c0de",
  lastName: "Canary-Last-beef",
  email: "canary-3e8b@people.example",
  phone: "+33698765432",
  reason: "canary-reason-a55a",
  ip: "203.0.113.77",
  userAgent: "canary-browser-44d1",
  fileName: "canary-file-66b2.pdf",
};

const { name, firstName, lastName, email, phone, title, message, ip, userAgent, fileName } = canaries;
export const personOfCanaries = { name, firstName, lastName, email, phone };
export const traceOfCanaries = { ip, userAgent };

/** A draft about which only canaries are said. */
export function canaryDraft(told: Told = {}): ToldCollecte {
  const command = creation(told);
  const people = Object.fromEntries(Object.keys(command.personal.people).map((id) => [id, personOfCanaries]));
  return noCollecte().told({
    ...command,
    personal: { title, message, people, documentNames: { d1: fileName } },
  });
}

/** Sends all that was told to the store through a committer, one message after the other. */
export async function live(
  journal: Journal,
  clock: Clock,
  actorId: string,
  { turns }: ToldCollecte,
  firmId = "firm",
): Promise<Outcome[]> {
  const committer = collecteCommitter(journal, clock);
  const outcomes: Outcome[] = [];
  for (const [i, { command }] of turns.entries()) {
    outcomes.push(await accept(committer, `${actorId}:${i}`, actorId, command, firmId));
  }
  await committer.stop();
  return outcomes;
}

/** Asks again, as the door does, while another process has the actor's part. */
export async function decided(committer: Committer, message: Message): Promise<Outcome> {
  for (;;) {
    const outcome = await committer.accept(message);
    if (outcome.status !== "accepted") return outcome;
    await sleep(5);
  }
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Hands on nothing. */
export function collecteCommitter(journal: Journal, clock: Clock): Committer {
  return createCommitter({
    journal,
    laws: lawsOf(collecteDecider),
    clock,
    groupLimit: 500,
    queueLimit: 10_000,
    log: silent,
    leaseLimits: {},
    leaseMs: 60_000,
    handOn: () => undefined,
  });
}

function accept(committer: Committer, id: string, actorId: string, command: Command, firmId: string) {
  return committer.accept({ id, actorId, kind: "collecte", firmId, command });
}
