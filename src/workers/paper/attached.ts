import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import type { Paper } from "../../actors/runtime/ports.ts";
import { array, dict, integer, name, type PdfObject, type PdfRef, string } from "../pdf/syntax/objects.ts";
import { encodeDate, encodeText } from "../pdf/syntax/text.ts";
import type { PaperObjects } from "./objects.ts";

/** The attached file, named where readers look for it, and as data that belongs to the whole paper (ISO 32000-2, 14.13). */
export function attached(objects: PaperObjects, { attachment, at }: Paper): [string, PdfObject][] {
  if (attachment === undefined) return [];
  const { bytes, description, mediaType } = attachment;
  const date = string(Buffer.from(encodeDate(new Date(at)), "latin1"));
  // ISO 32000-2, table 45, wants MD5: it tells a damaged file, and proves nothing.
  const checkSum = createHash("md5").update(bytes).digest();
  const file = objects.add(
    dict([
      ["Type", name("EmbeddedFile")],
      ["Subtype", name(mediaType)],
      ["Filter", name("FlateDecode")],
      [
        "Params",
        dict([
          ["Size", integer(bytes.length)],
          ["ModDate", date],
          ["CheckSum", string(checkSum)],
        ]),
      ],
    ]),
    deflateSync(bytes),
  );
  const fileName = string(encodeText(attachment.name));
  const specification: PdfRef = objects.add(
    dict([
      ["Type", name("Filespec")],
      ["F", fileName],
      ["UF", fileName],
      ["Desc", string(encodeText(description))],
      ["AFRelationship", name("Data")],
      [
        "EF",
        dict([
          ["F", file],
          ["UF", file],
        ]),
      ],
    ]),
  );
  const names = dict([["Names", array([fileName, specification])]]);
  return [
    ["Names", dict([["EmbeddedFiles", names]])],
    ["AF", array([specification])],
    ["PageMode", name("UseAttachments")],
  ];
}
