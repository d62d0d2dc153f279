import { array, countOf, dict, integer, name, type PdfDict } from "./syntax/objects.ts";
import { serialize } from "./syntax/serialize.ts";

/** An object of a new revision, at its offset in the whole file. */
export interface WrittenObject {
  readonly num: number;
  readonly gen: number;
  readonly offset: number;
}

/** What of a trailer describes its own section, not the document (ISO 32000-2, tables 15 and 17; 7.5.8.4). */
const OWN_KEYS = [
  "Prev",
  "XRefStm",
  "Type",
  "W",
  "Index",
  "Filter",
  "DecodeParms",
  "Length",
  "F",
  "FFilter",
  "FDecodeParms",
];

/** A classic table for these objects (ascending numbers) with a trailer that goes on from `trailer`. */
export function writeTable(
  objects: readonly WrittenObject[],
  trailer: PdfDict,
  previous: number,
  size: number,
): string {
  let text = "xref\n";
  for (const run of runsOf(objects)) {
    text += `${run[0]?.num ?? 0} ${run.length}\n`;
    for (const { offset, gen } of run) text += `${pad(offset, 10)} ${pad(gen, 5)} n\r\n`;
  }
  return `${text}trailer\n${serialize(nextTrailer(trailer, previous, size))}\n`;
}

/** The same as a cross-reference stream; it must list itself, as the last of `objects`. */
export function writeStream(
  objects: readonly WrittenObject[],
  trailer: PdfDict,
  previous: number,
  size: number,
): string {
  const self = objects.at(-1);
  const offsetBytes = Math.max(4, Math.ceil(Math.log2((self?.offset ?? 0) + 1) / 8));
  let rows = "";
  for (const { offset, gen } of objects) rows += `\x01${bigEndian(offset, offsetBytes)}${bigEndian(gen, 2)}`;
  const index = runsOf(objects).flatMap((run) => [integer(run[0]?.num ?? 0), integer(run.length)]);
  const head = dict([
    ["Type", name("XRef")],
    ["W", array([integer(1), integer(offsetBytes), integer(2)])],
    ["Index", array(index)],
    ...nextTrailer(trailer, previous, size).entries,
    ["Length", integer(rows.length)],
  ]);
  return `${self?.num} ${self?.gen} obj\n${serialize(head)}\nstream\n${rows}\nendstream\nendobj\n`;
}

function nextTrailer(trailer: PdfDict, previous: number, size: number): PdfDict {
  const kept = [...trailer.entries].filter(([key]) => !OWN_KEYS.includes(key) && key !== "Size");
  const bound = Math.max(size, countOf(trailer.entries.get("Size")) ?? 0);
  return dict([["Size", integer(bound)], ...kept, ["Prev", integer(previous)]]);
}

function runsOf(objects: readonly WrittenObject[]): WrittenObject[][] {
  const runs: WrittenObject[][] = [];
  for (const object of objects) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1)?.num === object.num - 1) run.push(object);
    else runs.push([object]);
  }
  return runs;
}

function bigEndian(value: number, bytes: number): string {
  let text = "";
  for (let i = bytes - 1; i >= 0; i--) text += String.fromCharCode(Math.floor(value / 256 ** i) % 256);
  return text;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
