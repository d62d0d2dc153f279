/* The parts of a small workbook (ISO/IEC 29500-1, SpreadsheetML), with all texts inline. */

/** `choice`: words with commas between them, or `countries` for the list of the second sheet. */
export interface TemplateColumn {
  header: string;
  hint: string;
  example: string;
  width: number;
  choice?: string;
}

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const documentRelations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const packageRelations = "http://schemas.openxmlformats.org/package/2006/relationships";
const sheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml";
/** Places of `styles` below. */
const style = { header: 1, text: 2, example: 3 } as const;

export const contentTypes =
  `${declaration}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
  '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
  '<Default Extension="xml" ContentType="application/xml"/>' +
  `<Override PartName="/xl/workbook.xml" ContentType="${sheetType}.sheet.main+xml"/>` +
  `<Override PartName="/xl/worksheets/sheet1.xml" ContentType="${sheetType}.worksheet+xml"/>` +
  `<Override PartName="/xl/worksheets/sheet2.xml" ContentType="${sheetType}.worksheet+xml"/>` +
  `<Override PartName="/xl/styles.xml" ContentType="${sheetType}.styles+xml"/></Types>`;

export const rootRelations = relations(["officeDocument", "xl/workbook.xml"]);

export const workbookRelations = relations(
  ["worksheet", "worksheets/sheet1.xml"],
  ["worksheet", "worksheets/sheet2.xml"],
  ["styles", "styles.xml"],
);

export function workbook(sheetName: string): string {
  return (
    `${declaration}<workbook xmlns="${main}" xmlns:r="${documentRelations}">` +
    // The frozen header is of a sheet's view, which is of this one (18.3.1.87, workbookViewId).
    '<bookViews><workbookView activeTab="0"/></bookViews><sheets>' +
    `<sheet name="${xml(sheetName)}" sheetId="1" r:id="rId1"/>` +
    '<sheet name="Listes" sheetId="2" state="hidden" r:id="rId2"/></sheets></workbook>'
  );
}

/** Plain, header, text (format 49 is `@`: what is typed stays as it is typed), and the grey example. */
export const styles =
  `${declaration}<styleSheet xmlns="${main}">` +
  '<fonts count="3"><font><sz val="11"/><name val="Calibri"/></font>' +
  '<font><b/><sz val="11"/><color rgb="FFFFFFFF"/><name val="Calibri"/></font>' +
  '<font><i/><sz val="11"/><color rgb="FF7F7F7F"/><name val="Calibri"/></font></fonts>' +
  '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>' +
  '<fill><patternFill patternType="solid"><fgColor rgb="FF1F3864"/><bgColor indexed="64"/></patternFill></fill></fills>' +
  '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
  '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
  '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' +
  '<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"/>' +
  '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' +
  '<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>' +
  '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>';

/** The sheet to fill in: a frozen header, an example that is not imported, hints and drop-downs down to `lastRow`. */
export function contactSheet(columns: readonly TemplateColumn[], lastRow: number, countries: number): string {
  const widths = columns.map(
    ({ width }, i) =>
      `<col min="${i + 1}" max="${i + 1}" width="${width}" style="${style.text}" customWidth="1"/>`,
  );
  const rows = [
    rowOf(
      1,
      style.header,
      columns.map(({ header }) => header),
    ),
    rowOf(
      2,
      style.example,
      columns.map(({ example }) => example),
    ),
  ];
  const hints = columns.map((column, i) => {
    const range = `${letter(i)}2:${letter(i)}${lastRow}`;
    const prompt = `promptTitle="${xml(column.header)}" prompt="${xml(column.hint)}"`;
    const told = `allowBlank="1" showInputMessage="1" ${prompt} sqref="${range}"`;
    if (column.choice === undefined) return `<dataValidation ${told}/>`;
    const list = column.choice === "countries" ? `Listes!$A$1:$A$${countries}` : `"${column.choice}"`;
    return `<dataValidation type="list" showErrorMessage="1" ${told}><formula1>${xml(list)}</formula1></dataValidation>`;
  });
  return (
    `${declaration}<worksheet xmlns="${main}"><sheetViews><sheetView tabSelected="1" workbookViewId="0">` +
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' +
    '<selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews>' +
    `<cols>${widths.join("")}</cols><sheetData>${rows.join("")}</sheetData>` +
    `<dataValidations count="${hints.length}">${hints.join("")}</dataValidations></worksheet>`
  );
}

/** The hidden sheet: one word a row. */
export function listSheet(words: readonly string[]): string {
  const rows = words.map((word, i) => rowOf(i + 1, style.text, [word]));
  return `${declaration}<worksheet xmlns="${main}"><sheetData>${rows.join("")}</sheetData></worksheet>`;
}

function rowOf(row: number, styleId: number, texts: readonly string[]): string {
  const cells = texts.map(
    (text, i) => `<c r="${letter(i)}${row}" s="${styleId}" t="inlineStr"><is><t>${xml(text)}</t></is></c>`,
  );
  return `<row r="${row}">${cells.join("")}</row>`;
}

function relations(...targets: [type: string, target: string][]): string {
  const each = targets.map(
    ([type, target], i) =>
      `<Relationship Id="rId${i + 1}" Type="${documentRelations}/${type}" Target="${target}"/>`,
  );
  return `${declaration}<Relationships xmlns="${packageRelations}">${each.join("")}</Relationships>`;
}

/** Of the first 26 columns. */
function letter(place: number): string {
  return String.fromCharCode(65 + place);
}

function xml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
