import { widthOf } from "../pdf/stamp/font.ts";

const space = 0x20;

/** Breaks a line of code points between words, and a word that is wider than the line where it must. */
export function wrap(points: readonly number[], size: number, width: number): number[][] {
  const room = (width * 1_000) / size;
  if (points[0] !== space && lengthOf(points) <= room) return [points.slice()];
  const lines: number[][] = [];
  let line: number[] = [];
  let used = 0;
  for (const word of wordsOf(points)) {
    const wide = lengthOf(word);
    const gap = line.length === 0 ? 0 : widthOf(space);
    if (used + gap + wide <= room) {
      if (line.length > 0) line.push(space);
      line.push(...word);
      used += gap + wide;
      continue;
    }
    if (line.length > 0) lines.push(line);
    line = [];
    used = 0;
    for (const point of word) {
      const one = widthOf(point);
      if (used + one > room && line.length > 0) {
        lines.push(line);
        line = [];
        used = 0;
      }
      line.push(point);
      used += one;
    }
  }
  return [...lines, line];
}

/** Its width, in thousandths of its size. */
export function lengthOf(points: readonly number[]): number {
  let length = 0;
  for (const point of points) length += widthOf(point);
  return length;
}

/** French sets a space before these, and after « : no line begins or ends there. */
const sticksToLast = new Set(Array.from("»:;!?", (one) => one.charCodeAt(0)));
const sticksToNext = "«".charCodeAt(0);

function wordsOf(points: readonly number[]): number[][] {
  const words: number[][] = [[]];
  for (const [i, point] of points.entries()) {
    const mayBreak = points[i - 1] !== sticksToNext && !sticksToLast.has(points[i + 1] ?? 0);
    if (point === space && mayBreak) words.push([]);
    else words.at(-1)?.push(point);
  }
  return words;
}
