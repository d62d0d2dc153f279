import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Answer, Order } from "./contestant-program.ts";
import { type ContestantName, contestantNames } from "./contestants.ts";
import type { Identity, KeyKind } from "./identities.ts";
import { keyKinds } from "./identities.ts";
import { checked } from "./verdicts.ts";

/** One contestant on one document with one key. Null where it cannot. */
export interface InMemoryFigure {
  document: string;
  key: KeyKind;
  contestant: ContestantName;
  ms: number | null;
  toFloor: number | null;
  /** How many times as long as ours. */
  toOurs: number | null;
  addedBytes: number | null;
  peakMb: number;
  valid: string;
}

export interface BenchedDocument {
  name: string;
  path: string;
  bytes: number;
  objects: number;
}

const program = fileURLToPath(new URL("./contestant-program.js", import.meta.url));

/** All contestants on one document, turn by turn, each in its own process; `seconds` bounds the turns of one key. */
export async function benchInMemory(
  folder: string,
  document: BenchedDocument,
  identities: Record<KeyKind, Identity>,
  seconds: number,
): Promise<InMemoryFigure[]> {
  const identitiesPath = join(folder, "identities.json");
  const asJson = (_key: string, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toJSON() : value;
  await writeFile(identitiesPath, JSON.stringify(identities, asJson));
  const children = contestantNames.map((name) => ({
    name,
    child: fork(program, [name, document.path, identitiesPath]),
  }));
  try {
    const figures: InMemoryFigure[] = [];
    for (const key of keyKinds) {
      const contest = await turns(folder, key, children, seconds);
      const medians = new Map(contest.map(({ name, times }) => [name, median(times)]));
      for (const { name, addedBytes, kept } of contest) {
        const ms = medians.get(name) ?? null;
        const ratio = (a: number | null, b: number | null | undefined) => (a && b ? round(a / b) : null);
        figures.push({
          ...{ document: document.name, key, contestant: name, ms: ms && round(ms, 3) },
          ...{ toFloor: ratio(ms, medians.get("floor")), toOurs: ratio(ms, medians.get("collecte")) },
          ...{ addedBytes, peakMb: 0 },
          valid: ms === null || name === "floor" ? "—" : await checked(kept, identities[key].rootDer),
        });
      }
    }
    for (const { name, child } of children) {
      const { peakKb = 0 } = await ask(child, {});
      for (const figure of figures) if (figure.contestant === name) figure.peakMb = Math.round(peakKb / 1024);
    }
    return figures;
  } finally {
    for (const { child } of children) child.kill();
  }
}

const leastRounds = 3;
const turnMs = 80;
const mostAtOnce = 1_000;
// A server has signed for longer than this when it matters: until the compiler has seen it, no code is itself.
const warmUpMs = 700;

interface Turns {
  name: ContestantName;
  times: number[];
  addedBytes: number | null;
  kept: string;
}

/** Each in turn, for about as long: the fast ones sign often, and run as they do where much is signed. */
async function turns(
  folder: string,
  key: KeyKind,
  children: readonly { name: ContestantName; child: ChildProcess }[],
  seconds: number,
): Promise<Turns[]> {
  const all: Turns[] = [];
  for (const { name, child } of children) {
    const kept = join(folder, `${name.replace(/\W+/g, "-")}-${key}.pdf`);
    const { ms, addedBytes = null } = await ask(child, { key, keep: kept });
    const own: Turns = { name, times: ms, addedBytes, kept };
    const warm = performance.now() + warmUpMs;
    while (own.times.length > 0 && performance.now() < warm) own.times = await turn(child, key, own.times);
    all.push(own);
  }
  const end = performance.now() + seconds * 1000;
  for (let round = 0; round < leastRounds || performance.now() < end; round++) {
    for (const { name, child } of children) {
      const own = all.find((one) => one.name === name);
      if (own === undefined || own.times.length === 0) continue;
      own.times.push(...(await turn(child, key, own.times)));
    }
  }
  return all;
}

async function turn(child: ChildProcess, key: KeyKind, before: readonly number[]): Promise<number[]> {
  const times = Math.max(1, Math.min(mostAtOnce, Math.floor(turnMs / (before.at(-1) ?? turnMs))));
  return (await ask(child, { key, times })).ms;
}

async function ask(child: ChildProcess, order: Order): Promise<Answer> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const died = once(child, "exit", { signal }).then(() => {
    throw new Error("a contestant died");
  });
  const answered = once(child, "message", { signal });
  child.send(order);
  try {
    const [answer] = (await Promise.race([answered, died])) as [Answer];
    return answer;
  } finally {
    died.catch(() => undefined);
    answered.catch(() => undefined);
    waiting.abort();
  }
}

export function median(times: readonly number[]): number | null {
  return [...times].sort((a, b) => a - b)[times.length >> 1] ?? null;
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
