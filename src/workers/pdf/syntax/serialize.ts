import type { PdfObject } from "./objects.ts";

/** The object as PDF text, one character a byte; a stream is its dictionary only. */
export function serialize(object: PdfObject): string {
  if (object === null) return "null";
  if (typeof object === "boolean") return String(object);
  switch (object.type) {
    case "number":
      return object.text;
    case "name":
      return serializeName(object.value);
    case "string":
      return serializeString(object.bytes);
    case "ref":
      return `${object.num} ${object.gen} R`;
    case "array":
      return `[${object.items.map(serialize).join(" ")}]`;
    case "dict":
      return serializeEntries(object.entries);
    case "stream":
      return serializeEntries(object.dict.entries);
  }
}

function serializeEntries(entries: ReadonlyMap<string, PdfObject>): string {
  let text = "<<";
  for (const [key, value] of entries) text += `\n${serializeName(key)} ${serialize(value)}`;
  return `${text}\n>>`;
}

const PLAIN_NAME = /^[!"$&'*-.0-;=?-Z\\^-z|~]*$/;

function serializeName(value: string): string {
  if (PLAIN_NAME.test(value)) return `/${value}`;
  return `/${value.replace(/[^!"$&'*-.0-;=?-Z\\^-z|~]/g, (c) => `#${hex2(c.charCodeAt(0))}`)}`;
}

function serializeString(bytes: Uint8Array): string {
  let text = "(";
  for (const byte of bytes) {
    if (byte === 0x28 || byte === 0x29 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\${byte.toString(8).padStart(3, "0")}`;
  }
  return `${text})`;
}

function hex2(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
