import { canShow } from "../pdf/stamp/font.ts";

const known = new Map<number, readonly number[]>();
const mostKnown = 20_000;
const space = 0x20;

/**
 * The text as code points that a page shows, each one seen: what has no glyph, and what would be unseen or turn the
 * reading direction, stands there as [U+202E]. Lines end where the text's own do.
 */
export function visibleLines(text: string): number[][] {
  return text
    .normalize("NFC")
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map(shownLine);
}

function shownLine(line: string): number[] {
  const points: number[] = [];
  for (const character of line) {
    const point = character.charCodeAt(0);
    // Nearly all of a record is hex and French: the rest alone is looked up.
    if (point >= space && point < 0x7f) points.push(point);
    else points.push(...shown(character));
  }
  return points;
}

function shown(character: string): readonly number[] {
  const point = character.codePointAt(0) ?? space;
  let points = known.get(point);
  if (points === undefined) {
    points = pointsFor(character, point);
    if (known.size < mostKnown) known.set(point, points);
  }
  return points;
}

function pointsFor(character: string, point: number): readonly number[] {
  // A tab or a wide space is a space; those that do not break stay what they are.
  if (/^[\t\u1680\u2000-\u2006\u2008-\u200a\u205f\u3000]$/.test(character)) return [space];
  if (character === "\u202f" || character === "\u2007") return [0xa0];
  if (!/^\p{C}$/u.test(character) && canShow(point)) return [point];
  return codePoints(`[U+${point.toString(16).toUpperCase().padStart(4, "0")}]`);
}

/** The text's own code points. */
export function codePoints(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? space);
}
