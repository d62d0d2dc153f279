/** The basic table of 3GPP TS 23.038, section 6.2.1, less line breaks and Greek. */
const basic = new Set(
  "@£$¥èéùìòÇØøÅåÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà_",
);

const spelled: Record<string, string> = {
  œ: "oe",
  Œ: "OE",
  "€": "EUR",
  "’": "'",
  "‘": "'",
  "«": '"',
  "»": '"',
  "“": '"',
  "”": '"',
  "–": "-",
  "—": "-",
  "…": "...",
  "[": "(",
  "]": ")",
  "{": "(",
  "}": ")",
  ł: "l",
  Ł: "L",
  đ: "d",
  Đ: "D",
};

/** The text in the basic GSM 7-bit alphabet, one septet a character: letters lose the accents that it lacks. */
export function gsm7(text: string): string {
  let result = "";
  for (const character of text.normalize("NFC"))
    result += basic.has(character) ? character : nearest(character);
  return result.replace(/ +/g, " ").trim();
}

/** How many septets a text of the basic alphabet takes; `Infinity` when some character is not in it. */
export function septets(text: string): number {
  let count = 0;
  for (const character of text) count += basic.has(character) ? 1 : Number.POSITIVE_INFINITY;
  return count;
}

function nearest(character: string): string {
  const replacement = spelled[character];
  if (replacement !== undefined) return replacement;
  if (/\s/u.test(character)) return " ";
  return [...character.normalize("NFKD")].filter((part) => basic.has(part)).join("");
}
