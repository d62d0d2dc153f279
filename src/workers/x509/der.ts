/**
 * Writes DER (X.690) directly. Every result owns its buffer: a pooled Buffer would drag its whole 8 KB slab
 * along when it crosses a thread.
 */

/** Universal tags used by X.509 and CMS (X.680 §8.4), constructed bit included. */
export const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One tag-length-value over the concatenation of `parts`. */
export function tlv(tagByte: number, ...parts: Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const lengthBytes = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
  if (length > 0xffffff) throw new RangeError("a DER value over 16 MB");
  const out = new Uint8Array(2 + lengthBytes + length);
  out[0] = tagByte;
  out[1] = lengthBytes === 0 ? length : 0x80 | lengthBytes;
  for (let i = 0; i < lengthBytes; i++) out[2 + i] = (length >>> (8 * (lengthBytes - 1 - i))) & 0xff;
  let at = 2 + lengthBytes;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** SEQUENCE. */
export const sequence = (...parts: Uint8Array[]): Uint8Array => tlv(tag.sequence, ...parts);

/** SET OF, its elements sorted as DER demands (X.690 §11.6). */
export function setOf(...parts: Uint8Array[]): Uint8Array {
  return tlv(tag.set, ...[...parts].sort(Buffer.compare));
}

/** Context tag `[number]`, constructed: EXPLICIT around one value, or IMPLICIT over a SEQUENCE or SET's content. */
export const context = (number: number, ...parts: Uint8Array[]): Uint8Array => tlv(0xa0 | number, ...parts);

/** Context tag `[number]`, primitive: IMPLICIT over a string's content. */
export const contextPrimitive = (number: number, content: Uint8Array): Uint8Array =>
  tlv(0x80 | number, content);

/** INTEGER from an unsigned big-endian magnitude. */
export function unsignedInteger(magnitude: Uint8Array): Uint8Array {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const digits = magnitude.subarray(start);
  if (((digits[0] ?? 0) & 0x80) !== 0) return tlv(tag.integer, Uint8Array.of(0), digits);
  return tlv(tag.integer, digits.length === 0 ? Uint8Array.of(0) : digits);
}

/** INTEGER between 0 and 127. */
export const smallInteger = (value: number): Uint8Array => Uint8Array.of(tag.integer, 1, value);

/** INTEGER from the hex of an unsigned magnitude, as serial numbers are kept; throws a RangeError on anything else. */
export function hexInteger(hex: string): Uint8Array {
  // Buffer.from would drop what it can't read, and make it another number.
  if (!/^(?:[0-9a-f]{2})+$/.test(hex)) throw new RangeError("not bytes in lower-case hex");
  return unsignedInteger(Buffer.from(hex, "hex"));
}

/** INTEGER of any size, not negative. */
export function integer(value: bigint): Uint8Array {
  const hex = value.toString(16);
  return hexInteger(hex.padStart(hex.length + (hex.length % 2), "0"));
}

/** ENUMERATED between 0 and 127. */
export const enumerated = (value: number): Uint8Array => Uint8Array.of(tag.enumerated, 1, value);

/** BOOLEAN TRUE: DER never writes a default FALSE. */
export const booleanTrue: Uint8Array = Uint8Array.of(tag.boolean, 1, 0xff);

/** NULL. */
export const nullValue: Uint8Array = Uint8Array.of(tag.null, 0);

/** OCTET STRING. */
export const octetString = (content: Uint8Array): Uint8Array => tlv(tag.octetString, content);

/** BIT STRING of whole bytes. */
export const bitString = (content: Uint8Array): Uint8Array => tlv(tag.bitString, Uint8Array.of(0), content);

/** BIT STRING of named bits, trailing zeros dropped (X.690 §11.2.2); `bits` are bit numbers. */
export function namedBits(bits: readonly number[]): Uint8Array {
  const highest = Math.max(...bits);
  const content = new Uint8Array((highest >> 3) + 1);
  for (const bit of bits) content[bit >> 3] = (content[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return tlv(tag.bitString, Uint8Array.of(7 - (highest & 7)), content);
}

/** UTF8String. */
export const utf8String = (text: string): Uint8Array => tlv(tag.utf8String, Buffer.from(text, "utf8"));

/** PrintableString; throws a RangeError when `text` holds a character outside its alphabet (X.680 §41.4). */
export function printableString(text: string): Uint8Array {
  if (!/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text)) throw new RangeError("not a PrintableString");
  return tlv(tag.printableString, Buffer.from(text, "latin1"));
}

/** Time as RFC 5280 §4.1.2.5 wants it: UTCTime up to 2049, GeneralizedTime after, to the second, in UTC. */
export function time(at: Date): Uint8Array {
  const year = at.getUTCFullYear();
  if (year < 1950 || year >= 2050) return generalizedTime(at);
  return tlv(tag.utcTime, Buffer.from(`${digitsOf(at).slice(2, 14)}Z`, "latin1"));
}

/** GeneralizedTime to the second, in UTC: the form of OCSP (RFC 6960 §4.2.1). */
export const generalizedTime = (at: Date): Uint8Array =>
  tlv(tag.generalizedTime, Buffer.from(`${digitsOf(at).slice(0, 14)}Z`, "latin1"));

/** Year to millisecond, 17 digits. */
const digitsOf = (at: Date): string => at.toISOString().replace(/\D/g, "");

const knownOids = new Map<string, Uint8Array>();

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Uint8Array {
  const known = knownOids.get(dotted);
  if (known !== undefined) return known;
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const content = [first * 40 + second, ...rest].flatMap(base128);
  const written = tlv(tag.oid, Uint8Array.from(content));
  knownOids.set(dotted, written);
  return written;
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) {
    digits.unshift((left & 0x7f) | 0x80);
  }
  return digits;
}
