import type { Parts } from "./archive.ts";
import { Refused } from "./refused.ts";

/** What a package says that it is, once nothing in it is refused. */
export type PackageFormat = "xlsx" | "ods";

const odsType = "application/vnd.oasis.opendocument.spreadsheet";
/** ISO/IEC 29500-1, 12.3.23: the part that is the workbook; a template's too. */
const xlsxMain = /spreadsheetml\.(?:sheet|template)\.main\+xml/;
/** What any part may be declared as; the type of macro workbooks is for a part of its own, since SheetJS names it as a default. */
const macroTypes = /vnd\.ms-office\.vbaProject|ms-excel\.(?:intl)?macrosheet|<Override\s[^>]*macroEnabled/i;
const macroRelation = /Type\s*=\s*["'][^"']*\/(?:vbaProject|xlMacrosheet|xlIntlMacrosheet)["']/i;
/** VBA, macro sheets of Excel 4, dialog sheets of Excel 5, Basic libraries and scripts of OpenDocument. */
const macroParts =
  /(?:^|\/)(?:vbaProject\.bin|vbaData\.xml)$|^xl\/(?:macrosheets|dialogsheets)\/|^(?:Basic|Scripts|Dialogs)\//i;
const linkParts =
  /^xl\/(?:externalLinks|queryTables|embeddings|ctrlProps|activeX)\/|^xl\/connections\.xml$|^ObjectReplacements\//i;
const scriptElements = /<office:script[\s>/]|<script:event-listener[\s>/]|<presentation:event-listener[\s>/]/;
const odsLinks =
  /<table:(?:table-source|cell-range-source|database-source-(?:sql|table|query))[\s>/]|<office:dde-source[\s>/]|<draw:object(?:-ole)?[\s>/]|<draw:(?:applet|plugin|floating-frame)[\s>/]/;
/** A value may hold the sign that ends an element (XML 1.0, 2.3). */
const relationship = /<(?:[\w.-]+:)?Relationship\s(?:[^>"']|"[^"]*"|'[^']*')*>/g;
/** Whatever it is called, in whatever letters or references to them. */
const isExternal = /TargetMode\s*=\s*(?!\s|"Internal"|'Internal')/;
/** Excel makes one of each e-mail address that is typed; nobody follows it here. */
const isHyperlink = /Type\s*=\s*["'][^"']*\/hyperlink["']/;

/** Throws for what may act, for what leads elsewhere and for what can't be read, before any parser sees the package. */
export function checkedPackage(parts: Parts): PackageFormat {
  for (const name of parts.keys()) {
    if (macroParts.test(name)) throw new Refused("spreadsheet_macros");
    if (linkParts.test(name)) throw new Refused("spreadsheet_external_links");
  }
  for (const [name, bytes] of parts) if (isXml(name)) checkXml(bytes);
  const types = parts.get("[Content_Types].xml")?.toString();
  if (types !== undefined) return checkedXlsx(parts, types);
  if (parts.get("mimetype")?.toString().trim() === odsType) return checkedOds(parts);
  throw new Refused("spreadsheet_unknown_format");
}

export function isXml(name: string): boolean {
  return /\.(?:xml|rels)$/i.test(name);
}

/** UTF-8 only, so that no other check is blind; no document type, so that there is no entity to expand (XML 1.0, 4.2). */
function checkXml(bytes: Buffer): void {
  if (bytes.includes("<!DOCTYPE") || bytes.includes("<!ENTITY")) throw new Refused("spreadsheet_entities");
  const declared = /^(?:\uFEFF)?\s*<\?xml[^>]*encoding\s*=\s*["']([^"']+)["']/.exec(
    bytes.toString("utf8", 0, 200),
  );
  if (bytes.includes(0) || (declared && declared[1]?.toLowerCase() !== "utf-8"))
    throw new Refused("spreadsheet_damaged");
}

function checkedXlsx(parts: Parts, types: string): PackageFormat {
  if (macroTypes.test(types)) throw new Refused("spreadsheet_macros");
  if (!xlsxMain.test(types)) throw new Refused("spreadsheet_unknown_format");
  for (const [name, bytes] of parts) {
    if (!name.endsWith(".rels")) continue;
    for (const [text] of bytes.toString().matchAll(relationship)) {
      if (macroRelation.test(text)) throw new Refused("spreadsheet_macros");
      if (isExternal.test(text) && !isHyperlink.test(text)) throw new Refused("spreadsheet_external_links");
    }
  }
  return "xlsx";
}

function checkedOds(parts: Parts): PackageFormat {
  if (parts.get("META-INF/manifest.xml")?.includes("encryption-data"))
    throw new Refused("spreadsheet_encrypted");
  const content = parts.get("content.xml")?.toString();
  if (content === undefined) throw new Refused("spreadsheet_damaged");
  if (scriptElements.test(content)) throw new Refused("spreadsheet_macros");
  if (odsLinks.test(content)) throw new Refused("spreadsheet_external_links");
  return "ods";
}
