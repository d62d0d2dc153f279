/** A text string (ISO 32000-2, 7.9.2.2): PDFDocEncoding when it can, else UTF-16BE with its byte order mark. */
export function encodeText(text: string): Uint8Array {
  // PDFDocEncoding agrees with Latin-1 in these two ranges, but for the soft hyphen.
  if (/^[\x20-\x7e\xa1-\xac\xae-\xff]*$/.test(text)) return Buffer.from(text, "latin1");
  const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
  return bytes.swap16();
}

/** The text of a text string: UTF-16BE or UTF-8 by its mark, else read as Latin-1. */
export function decodeText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes);
  if (buffer[0] === 0xfe && buffer[1] === 0xff) {
    const even = buffer.subarray(2, buffer.length - (buffer.length % 2));
    return Buffer.from(even).swap16().toString("utf16le");
  }
  if (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf)
    return buffer.subarray(3).toString("utf8");
  return buffer.toString("latin1");
}

/** A date in UTC to the second (ISO 32000-2, 7.9.4), such as `D:20250131093000Z`. */
export function encodeDate(date: Date): string {
  const iso = date.toISOString();
  const day = iso.slice(0, 4) + iso.slice(5, 7) + iso.slice(8, 10);
  return `D:${day}${iso.slice(11, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
}

const DATE =
  /^D:(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2}))?)?)?)?)?(?:(Z)|([+-])(\d{2})'?(?:(\d{2})'?)?)?/;

/** The instant that a PDF date names (no zone is read as UTC), or undefined. */
export function decodeDate(text: string): Date | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const part = (index: number, otherwise: number) => Number(match[index] ?? otherwise);
  const offset = (part(9, 0) * 60 + part(10, 0)) * 60_000 * (match[8] === "-" ? -1 : 1);
  const time = Date.UTC(part(1, 0), part(2, 1) - 1, part(3, 1), part(4, 0), part(5, 0), part(6, 0));
  return Number.isNaN(time) ? undefined : new Date(time - offset);
}
