/**
 * Reads DER, and only DER: definite minimal lengths, one-byte tags, no byte left over. BER's freedoms would let
 * bytes that no signature covers change without notice.
 */

/** One value: `raw` with its header, `content` without. Both are views of the bytes that were read. */
export interface DerNode {
  readonly tag: number;
  readonly raw: Uint8Array;
  readonly content: Uint8Array;
}

/** The bytes are not the DER that was expected. */
export class DerError extends Error {
  readonly code = "der_malformed";
}

/** Where a value's content stands; `end` is the value's own. */
export interface DerSpan {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** The first value in `bytes` from `offset` on; what follows it is the caller's to judge. */
export function readFirst(bytes: Uint8Array, offset = 0): DerNode {
  const { tag, start, end } = spanAt(bytes, offset);
  return { tag, raw: bytes.subarray(offset, end), content: bytes.subarray(start, end) };
}

/** As `readFirst`, without views of the bytes: they are what large lists cost most. */
export function spanAt(bytes: Uint8Array, offset: number): DerSpan {
  const tagByte = bytes[offset];
  const first = bytes[offset + 1];
  if (tagByte === undefined || first === undefined) throw new DerError("cut short");
  if ((tagByte & 0x1f) === 0x1f) throw new DerError("a tag of several bytes");
  let start = offset + 2;
  let length = first;
  if (first >= 0x80) {
    const lengthBytes = first & 0x7f;
    if (lengthBytes === 0 || lengthBytes > 4) throw new DerError("an indefinite or absurd length");
    length = 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + (bytes[start + i] ?? 0);
    const least = lengthBytes === 1 ? 0x80 : 256 ** (lengthBytes - 1);
    if (length < least) throw new DerError("a length longer than needed");
    start += lengthBytes;
  }
  const end = start + length;
  if (end > bytes.length) throw new DerError("cut short");
  return { tag: tagByte, start, end };
}

/** The only value in `bytes`. */
export function readWhole(bytes: Uint8Array): DerNode {
  const node = readFirst(bytes);
  if (node.raw.length !== bytes.length) throw new DerError("bytes after the end");
  return node;
}

/** The values inside a constructed one, whose tag must be `expected`. */
export function elements(node: DerNode | undefined, expected: number): DerNode[] {
  const { content } = expect(node, expected);
  const found: DerNode[] = [];
  for (let at = 0; at < content.length; ) {
    const next = readFirst(content, at);
    found.push(next);
    at += next.raw.length;
  }
  return found;
}

/** The node itself, once known to be there and to carry `expected`. */
export function expect(node: DerNode | undefined, expected: number): DerNode {
  if (node === undefined) throw new DerError("a value is missing");
  if (node.tag !== expected) throw new DerError(`tag ${node.tag}, not ${expected}`);
  return node;
}

/** An OBJECT IDENTIFIER's dotted form. */
export function readOid(node: DerNode | undefined): string {
  const { content } = expect(node, 0x06);
  const arcs: number[] = [];
  let value = 0;
  for (const byte of content) {
    if (value === 0 && byte === 0x80) throw new DerError("a padded arc");
    value = value * 128 + (byte & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER) throw new DerError("an absurd arc");
    if (byte < 0x80) {
      arcs.push(value);
      value = 0;
    }
  }
  const [head, ...rest] = arcs;
  if (head === undefined || ((content.at(-1) ?? 0x80) & 0x80) !== 0) throw new DerError("an unfinished OID");
  const first = Math.min(2, Math.floor(head / 40));
  return [first, head - first * 40, ...rest].join(".");
}

/** A non-negative INTEGER's big-endian digits, without the sign byte. */
export function readUnsigned(node: DerNode | undefined): Uint8Array {
  const { content } = expect(node, 0x02);
  const [first, second] = content;
  if (first === undefined || first >= 0x80) throw new DerError("a negative or empty INTEGER");
  if (first !== 0 || second === undefined) return content;
  if (second < 0x80) throw new DerError("a padded INTEGER");
  return content.subarray(1);
}

/** An INTEGER of either sign: others' nonces are negative at times. */
export function readInteger(node: DerNode | undefined): bigint {
  const { content } = expect(node, 0x02);
  const [first, second = 0] = content;
  if (first === undefined) throw new DerError("an empty INTEGER");
  const isPadded = (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80);
  if (content.length > 1 && isPadded) throw new DerError("a padded INTEGER");
  return BigInt.asIntN(content.length * 8, BigInt(`0x${Buffer.from(content).toString("hex")}`));
}

/** An ENUMERATED of one byte. */
export function readEnumerated(node: DerNode | undefined): number {
  const { content } = expect(node, 0x0a);
  const [value] = content;
  if (value === undefined || content.length !== 1 || value > 0x7f)
    throw new DerError("not a small ENUMERATED");
  return value;
}

/** A BOOLEAN as DER writes it: 0 or 255. */
export function readBoolean(node: DerNode | undefined): boolean {
  const { content } = expect(node, 0x01);
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw new DerError("not a BOOLEAN");
  return content[0] === 0xff;
}

/** An INTEGER that fits in 31 bits. */
export function readSmall(node: DerNode | undefined): number {
  const digits = readUnsigned(node);
  if (digits.length > 4) throw new DerError("an INTEGER too large");
  return digits.reduce((value, digit) => value * 256 + digit, 0);
}

/** A BIT STRING of whole bytes. */
export function readBits(node: DerNode | undefined): Uint8Array {
  const { content } = expect(node, 0x03);
  if (content[0] !== 0) throw new DerError("a BIT STRING of odd bits");
  return content.subarray(1);
}

/** UTCTime or GeneralizedTime in the forms of RFC 5280 §4.1.2.5. */
export function readTime(node: DerNode | undefined): Date {
  const content = node?.content ?? new Uint8Array(0);
  const yearDigits = node?.tag === 0x17 ? 2 : node?.tag === 0x18 ? 4 : 0;
  const isWhole = content.length === yearDigits + 11 && content.at(-1) === 0x5a;
  if (yearDigits === 0 || !isWhole) throw new DerError("not a time");
  const pair = (at: number): number => {
    const [tens, ones] = [(content[at] ?? 0) - 0x30, (content[at + 1] ?? 0) - 0x30];
    if (tens < 0 || tens > 9 || ones < 0 || ones > 9) throw new DerError("not a time");
    return tens * 10 + ones;
  };
  const short = pair(0);
  const year = yearDigits === 4 ? short * 100 + pair(2) : short + (short >= 50 ? 1900 : 2000);
  const [month, day] = [pair(yearDigits), pair(yearDigits + 2)];
  const [hours, minutes, seconds] = [pair(yearDigits + 4), pair(yearDigits + 6), pair(yearDigits + 8)];
  const at = new Date(Date.UTC(year, month - 1, day, hours, minutes, seconds));
  const isReal = at.getUTCMonth() === month - 1 && at.getUTCDate() === day && at.getUTCFullYear() === year;
  if (!isReal || hours > 23 || minutes > 59 || seconds > 59) throw new DerError("not a time");
  return at;
}

/** GeneralizedTime in UTC that may have a fraction (RFC 3161 §2.4.2), to the millisecond. */
export function readPreciseTime(node: DerNode | undefined): Date {
  const text = Buffer.from(expect(node, 0x18).content).toString("latin1");
  const [, seconds, fraction = ""] = /^(\d{14})(?:\.(\d{0,11}[1-9]))?Z$/.exec(text) ?? [];
  if (seconds === undefined) throw new DerError("not a time");
  const whole = readTime({ tag: 0x18, raw: new Uint8Array(0), content: Buffer.from(`${seconds}Z`) });
  return new Date(whole.getTime() + Number(fraction.padEnd(3, "0").slice(0, 3)));
}

/** Whether two byte strings are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
