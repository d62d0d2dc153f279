/** 3GPP TS 23.038, section 6.2.1: a character's place is its septet; that of the escape stands for none. */
const basic =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001BÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const escapeSeptet = 0x1b;
/** Section 6.2.1.1: after the escape. */
const extension: readonly [string, number][] = [
  ["\f", 0x0a],
  ["^", 0x14],
  ["{", 0x28],
  ["}", 0x29],
  ["\\", 0x2f],
  ["[", 0x3c],
  ["~", 0x3d],
  ["]", 0x3e],
  ["|", 0x40],
  ["€", 0x65],
];

const septetsOf = new Map<string, readonly number[]>([
  ...[...basic].flatMap((character, septet): [string, number[]][] =>
    septet === escapeSeptet ? [] : [[character, [septet]]],
  ),
  ...extension.map(([character, septet]): [string, number[]] => [character, [escapeSeptet, septet]]),
]);

export type SmsEncoding = "gsm7" | "ucs2";

/** A text as it travels. */
export interface EncodedSms {
  encoding: SmsEncoding;
  /** GSM-7: one septet an octet, as SMPP's default alphabet wants it, and not packed; UCS-2: big-endian. */
  bytes: Uint8Array;
  /** How many SMS a phone network makes, and bills, of it. */
  segments: number;
}

/** In GSM-7 if all of the text is in it, else in UCS-2, which halves what one SMS holds. */
export function encodeSms(text: string): EncodedSms {
  const septets = gsm7Septets(text);
  if (septets) {
    const bytes = Uint8Array.from(septets);
    return { encoding: "gsm7", bytes, segments: bytes.length <= 160 ? 1 : gsm7Segments(text) };
  }
  const bytes = Buffer.from(text, "utf16le").swap16();
  return { encoding: "ucs2", bytes, segments: bytes.length <= 140 ? 1 : Math.ceil(bytes.length / 134) };
}

export function encodingOf(text: string): SmsEncoding {
  return gsm7Septets(text) ? "gsm7" : "ucs2";
}

function gsm7Septets(text: string): number[] | undefined {
  const septets: number[] = [];
  for (const character of text) {
    const own = septetsOf.get(character);
    if (!own) return undefined;
    septets.push(...own);
  }
  return septets;
}

/** Of 153 septets each, and an escape is never cut from what it escapes. */
function gsm7Segments(text: string): number {
  let segments = 1;
  let room = 153;
  for (const character of text) {
    const needed = septetsOf.get(character)?.length ?? 1;
    if (needed > room) {
      segments += 1;
      room = 153;
    }
    room -= needed;
  }
  return segments;
}
