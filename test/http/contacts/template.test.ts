import { read, utils } from "@e965/xlsx";
import { expect } from "chai";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { readCountry } from "../../../src/http/contacts/choices.ts";
import { columns } from "../../../src/http/contacts/columns.ts";
import { templateBytes } from "../../../src/http/contacts/template.ts";
import { unpacked } from "../../../src/workers/spreadsheet/archive.ts";

describe("the template of contacts", () => {
  for (const language of ["fr", "en"] as const) {
    it(`has a header, an example and the countries, in ${language}, for who reads it with another library`, async () => {
      const book = read(await templateBytes(language), { cellStyles: true });
      expect(book.SheetNames).to.deep.equal(["Contacts", "Listes"]);
      expect(book.Workbook?.Sheets?.map(({ Hidden }) => Hidden ?? 0)).to.deep.equal([0, 1]);
      const [header, example] = utils.sheet_to_json<string[]>(book.Sheets["Contacts"] ?? {}, { header: 1 });
      expect(header).to.deep.equal(columns.map((column) => column[language]));
      expect(example?.[0]).to.match(/^# /);
      const countries = utils.sheet_to_json<string[]>(book.Sheets["Listes"] ?? {}, { header: 1 }).flat();
      expect(countries).to.have.length.greaterThan(240);
      for (const country of countries) expect(country).to.contain(`(${readCountry(country)})`);
    });
  }

  it("is XML throughout, with text cells, a frozen header and drop-downs", async () => {
    const parts = await unpacked(await templateBytes("fr"));
    for (const [name, bytes] of parts) expect(XMLValidator.validate(bytes.toString()), name).to.equal(true);
    const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "" });
    const { worksheet } = parser.parse(parts.get("xl/worksheets/sheet1.xml") ?? "");
    const { styleSheet } = parser.parse(parts.get("xl/styles.xml") ?? "");
    const { pane, workbookViewId } = worksheet.sheetViews.sheetView;
    expect([pane.state, pane.ySplit, workbookViewId]).to.deep.equal(["frozen", "1", "0"]);
    const { workbook } = parser.parse(parts.get("xl/workbook.xml") ?? "");
    expect(workbook.bookViews.workbookView).to.deep.equal({ activeTab: "0" });
    for (const { style } of worksheet.cols.col) expect(styleSheet.cellXfs.xf[style].numFmtId).to.equal("49");
    const choices = worksheet.dataValidations.dataValidation.filter(
      ({ type }: { type?: string }) => type === "list",
    );
    expect(choices.map(({ sqref, formula1 }: Record<string, string>) => [sqref, formula1])).to.deep.equal([
      ["E2:E10001", "Listes!$A$1:$A$245"],
      ["H2:H10001", '"français,anglais"'],
    ]);
    // ISO/IEC 29500-1, 18.18.93 and the schema: longer hints make Excel repair the file.
    for (const { prompt, promptTitle } of worksheet.dataValidations.dataValidation) {
      expect(prompt.length).to.be.most(255);
      expect(promptTitle.length).to.be.most(32);
    }
  });
});
