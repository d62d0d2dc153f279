import { readFileSync, writeFileSync } from "node:fs";
import { type ContestantName, contestants, type Sign } from "./contestants.ts";
import type { Identity, KeyKind } from "./identities.ts";

/*
 * One contestant in a process of its own, so that its memory is its own: signs the document as often as a message
 * says, and answers how long each took. The first result is kept, for others to verify.
 */

/** What the contest asks for; without a key, the end. */
export interface Order {
  key?: KeyKind;
  times?: number;
  /** Where the result goes. */
  keep?: string;
}

/** `ms` is empty for a key or a document that the contestant cannot use; `peakKb` is the answer to the end. */
export interface Answer {
  ms: number[];
  addedBytes?: number;
  peakKb?: number;
}

const [name = "", documentPath = "", identitiesPath = ""] = process.argv.slice(2);
const identities = JSON.parse(readFileSync(identitiesPath, "utf8"), (_key, value) =>
  typeof value === "object" && value?.type === "Buffer" ? Buffer.from(value.data) : value,
) as Record<KeyKind, Identity>;
const pdf = readFileSync(documentPath);
const ready = new Map<KeyKind, Sign | undefined>();

async function answer({ key, times = 1, keep }: Order): Promise<Answer> {
  if (key === undefined) return { ms: [], peakKb: process.resourceUsage().maxRSS };
  if (!ready.has(key)) ready.set(key, await contestants[name as ContestantName](identities[key]));
  const sign = ready.get(key);
  const ms: number[] = [];
  if (sign === undefined) return { ms };
  let addedBytes = 0;
  for (let i = 0; i < times; i++) {
    const begun = performance.now();
    const signed = await sign(pdf).catch(() => undefined);
    ms.push(performance.now() - begun);
    if (signed === undefined) return { ms: [] };
    addedBytes = "tail" in signed ? signed.tail.length : signed.whole.length - pdf.length;
    if (keep !== undefined)
      writeFileSync(keep, "tail" in signed ? Buffer.concat([pdf, signed.tail]) : signed.whole);
  }
  return { ms, addedBytes };
}

process.on("message", (order: Order) => {
  void answer(order).then((told) => process.send?.(told));
});
