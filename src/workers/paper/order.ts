const firstRightToLeft = 0x590;
const rightToLeft = /^[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]$/u;
const digit = /^\p{Nd}$/u;
const withinNumber = /^[.,:/]$/;
const between = /^[\p{Zs}\p{P}\p{S}\p{Mn}]$/u;
const mark = /^\p{Mn}$/u;
const mirrors = new Map(
  ["()", "[]", "{}", "<>", "«»", "‹›"].flatMap(([one = "", other = ""]) => [
    [codeOf(one), codeOf(other)] as const,
    [codeOf(other), codeOf(one)] as const,
  ]),
);

/**
 * A line in the order in which it is drawn, from left to right. Names from right to left stand the right way round in lines
 * that read from left to right: the part of the Unicode Bidirectional Algorithm (UAX 9) that needs no controls, since
 * those are shown by their numbers.
 */
export function drawingOrder(points: readonly number[]): readonly number[] {
  if (!points.some(isRightToLeft)) return points;
  const result: number[] = [];
  for (let at = 0; at < points.length; ) {
    const end = isRightToLeft(points[at] ?? 0) ? endOfRun(points, at) : at + 1;
    result.push(...(end === at + 1 ? points.slice(at, end) : turned(points.slice(at, end))));
    at = end;
  }
  return result;
}

/** Past the last letter or digit that only digits, spaces and signs part from a letter from right to left. */
function endOfRun(points: readonly number[], from: number): number {
  let end = from + 1;
  for (let at = from + 1; at < points.length; at++) {
    const character = String.fromCodePoint(points[at] ?? 0);
    const goesOn = rightToLeft.test(character) || digit.test(character);
    if (goesOn || (mark.test(character) && at === end)) end = at + 1;
    else if (!between.test(character)) break;
  }
  return end;
}

/** Backwards, but for the digits of a number and the marks on a letter. */
function turned(run: readonly number[]): number[] {
  const pieces: number[][] = [];
  for (const [i, point] of run.entries()) {
    const last = pieces.at(-1);
    if (last !== undefined && (mark.test(String.fromCodePoint(point)) || goesOn(run, i))) last.push(point);
    else pieces.push([mirrors.get(point) ?? point]);
  }
  return pieces.reverse().flat();
}

/** Whether it stands in a number that begins before it. */
function goesOn(run: readonly number[], at: number): boolean {
  const is = (pattern: RegExp, place: number) => {
    const point = run[place];
    return point !== undefined && pattern.test(String.fromCodePoint(point));
  };
  if (is(digit, at)) return is(digit, at - 1) || (is(withinNumber, at - 1) && is(digit, at - 2));
  return is(withinNumber, at) && is(digit, at - 1) && is(digit, at + 1);
}

function isRightToLeft(point: number): boolean {
  return point >= firstRightToLeft && rightToLeft.test(String.fromCodePoint(point));
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
