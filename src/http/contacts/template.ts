import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";
import { countryChoices } from "./choices.ts";
import { columns } from "./columns.ts";
import * as parts from "./template-parts.ts";

/** The sheet that imports read, whatever else a file has. */
export const sheetName = "Contacts";

/** The last row that drop-downs and hints reach: as many as an import may have, and the header. */
const lastRow = 10_001;
/** Files of one content are one file: no part is dated later than the first that a ZIP can say. */
const mtime = new Date(1980, 0, 1);

const made = new Map<string, Promise<Buffer>>();

/**
 * The spreadsheet to be filled in: every column is text, so that no phone number loses its zero or its plus. Written part
 * by part, since @e965/xlsx can't write drop-downs.
 */
export function templateBytes(language: "fr" | "en"): Promise<Buffer> {
  const known = made.get(language) ?? make(language);
  made.set(language, known);
  return known;
}

function make(language: "fr" | "en"): Promise<Buffer> {
  const countries = countryChoices(language);
  const zip = new ZipFile();
  const add = (name: string, xml: string) => zip.addBuffer(Buffer.from(xml), name, { mtime });
  add("[Content_Types].xml", parts.contentTypes);
  add("_rels/.rels", parts.rootRelations);
  add("xl/workbook.xml", parts.workbook(sheetName));
  add("xl/_rels/workbook.xml.rels", parts.workbookRelations);
  add("xl/styles.xml", parts.styles);
  add("xl/worksheets/sheet1.xml", parts.contactSheet(columnsIn(language), lastRow, countries.length));
  add("xl/worksheets/sheet2.xml", parts.listSheet(countries));
  zip.end();
  return buffer(zip.outputStream);
}

const words = {
  fr: {
    required: "Obligatoire.",
    hints: {
      firstName: "",
      lastName: "",
      email: "Une seule adresse, par exemple claire@client.fr.",
      phone: "Numéro de mobile, en format national ou international (+33612345678). Nécessaire pour signer.",
      country: "Du mobile, s'il est en format national. Vide : le pays du cabinet.",
      company: "Facultatif.",
      externalId:
        "Votre référence, une par contact. Une référence déjà connue met le contact à jour. Facultatif.",
      language: "Langue des messages : français si vide.",
      notes: "Facultatif, 2 000 caractères au plus.",
    },
    example: ["# Exemple : Claire", "Dubœuf", "claire@client.example", "06 39 98 12 34", "France (FR)"],
    more: ["Dubœuf SARL", "C0042", "français", "Les lignes qui commencent par # ne sont pas importées."],
    languages: "français,anglais",
  },
  en: {
    required: "Required.",
    hints: {
      firstName: "",
      lastName: "",
      email: "One address, such as claire@client.fr.",
      phone: "A mobile number, national or international (+33612345678). Needed to sign.",
      country: "Of the mobile, when it is in national form. Empty: the firm's country.",
      company: "Optional.",
      externalId:
        "Your own reference, one for each contact. A reference that is known updates its contact. Optional.",
      language: "Language of messages: French when empty.",
      notes: "Optional, at most 2,000 characters.",
    },
    example: ["# Example: Claire", "Dubœuf", "claire@client.example", "06 39 98 12 34", "France (FR)"],
    more: ["Dubœuf SARL", "C0042", "French", "Rows that begin with # are not imported."],
    languages: "French,English",
  },
} as const;

const widths: Partial<Record<string, number>> = { email: 32, phone: 22, country: 24, company: 28, notes: 48 };

function columnsIn(language: "fr" | "en"): parts.TemplateColumn[] {
  const { required, hints, example, more, languages } = words[language];
  const examples = [...example, ...more];
  return columns.map(({ name, isRequired, ...column }, place) => ({
    header: column[language],
    hint: [isRequired ? required : "", hints[name]].filter((one) => one !== "").join(" "),
    example: examples[place] ?? "",
    width: widths[name] ?? 18,
    ...(name === "country" && { choice: "countries" }),
    ...(name === "language" && { choice: languages }),
  }));
}
