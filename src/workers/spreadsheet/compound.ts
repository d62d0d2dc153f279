import { CFB } from "@e965/xlsx";
import { Refused } from "./refused.ts";

/** Records of BIFF8 ([MS-XLS] 2.4). */
const records = { filePass: 0x002f, boundSheet: 0x0085, supBook: 0x01ae } as const;
const macroSheet = 1;
const vbaModule = 6;
/** SupBook says with this that it means this very file, or add-in functions ([MS-XLS] 2.4.271). */
const ownBook: ReadonlySet<number> = new Set([0x0401, 0x3a01]);
const macroStorages = /\/(?:_VBA_PROJECT_CUR|_VBA_PROJECT|Macros|VBA)\/?/i;
const linkedObjects = /\/(?:MBD[0-9A-F]{8}|LNK[0-9A-F]{8})/i;

/** Throws for macros, encryption and links of an OLE2 file: names of its streams first, then the workbook's records. */
export function checkCompound(bytes: Buffer): void {
  let container: { FullPaths: string[] };
  try {
    container = CFB.read(bytes, { type: "buffer" });
  } catch (error) {
    throw new Refused("spreadsheet_damaged", { cause: error });
  }
  for (const path of container.FullPaths) {
    if (/\/Encrypt(?:edPackage|ionInfo)$/i.test(path)) throw new Refused("spreadsheet_encrypted");
    if (macroStorages.test(path)) throw new Refused("spreadsheet_macros");
    if (linkedObjects.test(path)) throw new Refused("spreadsheet_external_links");
  }
  const book = CFB.find(container, "/Workbook") ?? CFB.find(container, "/Book");
  if (book === null) throw new Refused("spreadsheet_unknown_format");
  checkRecords(Buffer.from(book.content));
}

function checkRecords(stream: Buffer): void {
  for (let at = 0; at + 4 <= stream.length; ) {
    const kind = stream.readUInt16LE(at);
    const length = stream.readUInt16LE(at + 2);
    const data = stream.subarray(at + 4, at + 4 + length);
    if (kind === records.filePass) throw new Refused("spreadsheet_encrypted");
    if (kind === records.boundSheet && [macroSheet, vbaModule].includes(data[5] ?? 0)) {
      throw new Refused("spreadsheet_macros");
    }
    if (kind === records.supBook && data.length >= 4 && !ownBook.has(data.readUInt16LE(2))) {
      throw new Refused("spreadsheet_external_links");
    }
    at += 4 + length;
  }
}
