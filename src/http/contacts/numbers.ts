const scientific = /^(\d)(?:[.,](\d+))?E\+?(\d{1,2})$/i;

/**
 * The digits of a number that a spreadsheet wrote in scientific form into a text, as in `3,3612345678E+10`; null when not
 * all of them are there. Undefined: the text is no such number.
 */
export function readNumber(text: string): string | null | undefined {
  const found = scientific.exec(text.trim());
  if (!found) return undefined;
  const [, first = "", rest = "", exponent = "0"] = found;
  return rest.length === Number(exponent) ? `${first}${rest}` : null;
}
