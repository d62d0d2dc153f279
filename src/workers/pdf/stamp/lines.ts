import { showable, widthOf } from "./font.ts";

/** Lines of characters at one size, in points, that fit a box. */
export interface FittedLines {
  readonly size: number;
  readonly lines: readonly (readonly number[])[];
}

const LARGEST_SIZE = 11;
const SMALLEST_SIZE = 4;
const LARGEST_STEP = 0.5;
const LINE_HEIGHT = 1.2;
const MAX_LINES = 20;
const MAX_CHARACTERS = 300;
const ELLIPSIS = 0x2026;
const SPACE = 0x20;

/** The height that this many lines take. */
export function heightOf(count: number, size: number): number {
  return count * size * LINE_HEIGHT;
}

/**
 * The largest size at which the texts, broken between words, fit the box. At the smallest size what is too long ends in
 * "…", and lines that find no room are left out: what is shown never lies outside the box.
 */
export function fitLines(texts: readonly string[], width: number, height: number): FittedLines {
  const wanted = texts
    .slice(0, MAX_LINES)
    .map((text) =>
      showable(
        text
          .slice(0, MAX_CHARACTERS)
          .replace(/[\p{Cc}\s]+/gu, " ")
          .trim(),
      ),
    )
    .filter(({ length }) => length > 0);
  for (let size = LARGEST_SIZE; size > SMALLEST_SIZE; size -= LARGEST_STEP) {
    const lines = wanted.flatMap((line) => broken(line, width, size));
    const isWide = lines.some((line) => lengthOf(line, size) > width);
    if (!isWide && heightOf(lines.length, size) <= height) return { size, lines };
  }
  const size = Math.min(SMALLEST_SIZE, height / LINE_HEIGHT);
  const room = Math.floor(height / (size * LINE_HEIGHT) + 1e-9);
  return { size, lines: wanted.slice(0, room).map((line) => cut(line, width, size)) };
}

function broken(line: readonly number[], width: number, size: number): number[][] {
  const lines: number[][] = [];
  let current: number[] = [];
  for (const word of wordsOf(line)) {
    const longer = current.length === 0 ? word : [...current, SPACE, ...word];
    if (current.length > 0 && lengthOf(longer, size) > width) {
      lines.push(current);
      current = word;
    } else current = longer;
  }
  return [...lines, current];
}

function wordsOf(line: readonly number[]): number[][] {
  const words: number[][] = [[]];
  for (const point of line) {
    if (point === SPACE) words.push([]);
    else words.at(-1)?.push(point);
  }
  return words;
}

function cut(line: readonly number[], width: number, size: number): number[] {
  if (lengthOf(line, size) <= width) return [...line];
  const kept = [...line];
  while (kept.length > 0 && lengthOf([...kept, ELLIPSIS], size) > width) kept.pop();
  return kept.length === 0 ? [] : [...kept, ELLIPSIS];
}

function lengthOf(line: readonly number[], size: number): number {
  return (line.reduce((sum, point) => sum + widthOf(point), 0) * size) / 1_000;
}
