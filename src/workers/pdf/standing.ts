import type { PdfSource } from "./source.ts";

const WINDOW_BYTES = 1 << 20;
// As much as may stand before the word: two numbers of ten digits, and some white space.
const HEAD_BYTES = 40;
const MARK = "obj";

/** A place in the file where an object begins, or seems to. */
export interface Standing {
  readonly num: number;
  readonly offset: number;
}

/** Every place between two offsets where `num gen obj` stands, be it an object or part of one. */
export function* standingIn(source: PdfSource, first = 0, end = source.size): Generator<Standing> {
  for (let start = first; start < end; start += WINDOW_BYTES) {
    const from = Math.max(first, start - HEAD_BYTES);
    const window = Math.min(WINDOW_BYTES + MARK.length - 1, end - start);
    const text = Buffer.from(source.read(from, start - from + window));
    for (let at = text.indexOf(MARK, start - from); at !== -1; at = text.indexOf(MARK, at + 1)) {
      const head = text.toString("latin1", Math.max(0, at - HEAD_BYTES), at);
      const found = /(?<![\d.+-])(\d{1,10})[\s\0]+\d{1,10}[\s\0]+$/.exec(head);
      if (found !== null) yield { num: Number(found[1]), offset: from + at - found[0].length };
    }
  }
}
