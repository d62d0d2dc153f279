import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseMail } from "../../src/cli/sinks/parse-mail.ts";
import type { VerifyReport } from "../../src/workers/verify-document.ts";
import type { Played, Shown } from "./story.ts";
import type { Command } from "./told.ts";

/** A mail or an SMS as it arrived, doubles included for mails. */
export interface Arrival {
  /** Epoch. */
  at: number;
  to: string;
  /** Message-ID, or the SMS's idempotency key. */
  id: string;
  text: string;
}

/** When something was done to the engines or to Redis, in epoch. */
export interface Strike {
  from: number;
  to: number;
}

/** A collecte at the end: what its clients saw, what the engine shows of it, and its documents as our verifier reads them. */
export interface Case {
  played: Played;
  /** Undefined: the engine does not know it. */
  shown: Shown | undefined;
  reports: VerifyReport[];
}

export interface Evidence {
  cases: Case[];
  commands: readonly Command[];
  mails: Arrival[];
  smses: Arrival[];
  strikes: readonly Strike[];
  /** Of commands that were sent once more at the end: what differed. */
  changed: string[];
}

/** In words, what must not be. */
export interface Verdict {
  /** Told, and not so. */
  lost: string[];
  /** Once ordered, and more than once there. */
  doubled: string[];
  /** Not in the order in which clients caused it. */
  reordered: string[];
  /** Nobody asked for it, or an answer that nobody could expect. */
  strange: string[];
}

/** Every delivery that a mail sink has kept, oldest first. */
export async function mailsIn(folder: string): Promise<Arrival[]> {
  return arrivalsIn(folder, (content) => {
    const source = content.toString("latin1");
    const to = /^To: (?:.*<)?([^\s<>]+)>?\r?$/im.exec(source.replace(/\r\n(?=[ \t])/g, ""))?.[1] ?? "";
    const { messageId, text } = parseMail(content, to);
    return { to: to.toLowerCase(), id: messageId, text };
  });
}

/** Every SMS that a sink has kept: one for each idempotency key. */
export async function smsesIn(folder: string): Promise<Arrival[]> {
  return arrivalsIn(folder, (content) => {
    const { to, text, idempotencyKey } = JSON.parse(content.toString()) as Record<string, string>;
    return { to: to ?? "", id: idempotencyKey ?? "", text: text ?? "" };
  });
}

async function arrivalsIn(
  folder: string,
  read: (content: Buffer) => Omit<Arrival, "at">,
): Promise<Arrival[]> {
  const arrivals: Arrival[] = [];
  for (const name of (await readdir(folder)).sort())
    arrivals.push({ at: timeIn(name), ...read(await readFile(join(folder, name))) });
  return arrivals;
}

/** Sinks name files by the time: `2026-11-23T16-07-54-123Z-…`. */
function timeIn(name: string): number {
  const [, day, hour, minute, second, ms] = /^(.{10})T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z/.exec(name) ?? [];
  return Date.parse(`${day}T${hour}:${minute}:${second}.${ms}Z`);
}
