/** How a letter looks by the neighbours that it joins (Unicode, chapter 9, "Cursive Joining"). */
interface Forms {
  isolated: number;
  final: number;
  /** Absent from letters that join only the one before them. */
  initial?: number;
  medial?: number;
}

const lam = 0x644;
const tatweel = 0x640;
const mark = /^\p{Mn}$/u;
const anyArabic = /\p{Script=Arabic}/u;

/**
 * The presentation forms of each letter. Unicode has them in groups of one letter, in the order isolated, final, initial,
 * medial; their compatibility decompositions say of which letter.
 */
const { forms, ligatures } = read();

/** The line with its Arabic letters joined, still in the order of reading. What is not Arabic stays as it is. */
export function joined(points: readonly number[], canShow: (point: number) => boolean): readonly number[] {
  if (!points.some((point) => point >= 0x600 && anyArabic.test(String.fromCodePoint(point)))) return points;
  const result: number[] = [];
  for (let i = 0; i < points.length; i++) {
    const point = points[i] ?? 0;
    const next = points[i + 1] ?? 0;
    const ligature = point === lam ? ligatures.get(next) : undefined;
    const shape = ligature ?? forms.get(point);
    if (shape === undefined) {
      result.push(point);
      continue;
    }
    const before = neighbour(points, i, -1);
    const after = ligature ? undefined : neighbour(points, i, 1);
    const joinsBefore = before === tatweel || forms.get(before ?? 0)?.initial !== undefined;
    const joinsAfter = after === tatweel || forms.has(after ?? 0);
    const shown = shapeOf(shape, joinsBefore, joinsAfter);
    if (canShow(shown)) {
      result.push(shown);
      if (ligature) i++;
    } else result.push(point);
  }
  return result;
}

function shapeOf(shape: Forms, joinsBefore: boolean, joinsAfter: boolean): number {
  const { isolated, final, initial, medial } = shape;
  if (joinsAfter && initial !== undefined && medial !== undefined) return joinsBefore ? medial : initial;
  return joinsBefore ? final : isolated;
}

/** The next character in a direction that is no mark: those do not part letters. */
function neighbour(points: readonly number[], from: number, step: 1 | -1): number | undefined {
  for (let at = from + step; at >= 0 && at < points.length; at += step) {
    const point = points[at] ?? 0;
    if (!mark.test(String.fromCodePoint(point))) return point;
  }
  return undefined;
}

function read() {
  const groups = new Map<string, number[]>();
  // Letters of Persian and Urdu, then those of Arabic: blocks "Arabic Presentation Forms" A and B.
  for (const [from, to] of [
    [0xfb50, 0xfbb1],
    [0xfbd3, 0xfbe7],
    [0xfbfc, 0xfbff],
    [0xfe80, 0xfefc],
  ] as const)
    for (let point = from; point <= to; point++) {
      const letter = String.fromCodePoint(point).normalize("NFKC");
      groups.set(letter, [...(groups.get(letter) ?? []), point]);
    }
  const forms = new Map<number, Forms>();
  const ligatures = new Map<number, Forms>();
  for (const [letter, [isolated, final, initial, medial]] of groups) {
    if (isolated === undefined || final === undefined) continue;
    const [first = "", second] = letter;
    const shape = { isolated, final, ...(initial && medial && { initial, medial }) };
    if (second === undefined) forms.set(first.codePointAt(0) ?? 0, shape);
    else ligatures.set(second.codePointAt(0) ?? 0, shape);
  }
  return { forms, ligatures };
}
