import type { Cell } from "../../actors/runtime/ports.ts";
import { type FieldCode, type FieldError, fieldError } from "../field-errors.ts";

/** What a column may hold; `country` is where the row's mobile is read when it is national. */
export type ColumnName =
  | "firstName"
  | "lastName"
  | "email"
  | "phone"
  | "country"
  | "company"
  | "externalId"
  | "language"
  | "notes";

interface Column {
  name: ColumnName;
  fr: string;
  en: string;
  /** What else files call it, the surest first. */
  also: string[];
  isRequired?: true;
}

/** In the order of the template. */
export const columns: readonly Column[] = [
  { name: "firstName", fr: "Prénom", en: "First name", also: ["Given name", "Forename"], isRequired: true },
  { name: "lastName", fr: "Nom", en: "Last name", also: ["Nom de famille", "Surname"], isRequired: true },
  {
    name: "email",
    fr: "E-mail",
    en: "E-mail",
    also: ["Courriel", "Adresse e-mail", "Adresse mail", "E-mail address", "Mail"],
    isRequired: true,
  },
  {
    name: "phone",
    fr: "Mobile",
    en: "Mobile",
    also: ["Téléphone mobile", "Mobile phone", "Portable", "GSM", "Téléphone", "Phone", "Tél"],
  },
  { name: "country", fr: "Pays", en: "Country", also: ["Pays du mobile"] },
  { name: "company", fr: "Société", en: "Company", also: ["Entreprise", "Raison sociale"] },
  { name: "externalId", fr: "Référence", en: "Reference", also: ["Code client", "External ID"] },
  { name: "language", fr: "Langue", en: "Language", also: [] },
  { name: "notes", fr: "Remarques", en: "Notes", also: ["Commentaire", "Commentaires", "Comments"] },
];

/** Which column of a file holds what. */
export interface Header {
  places: ReadonlyMap<ColumnName, number>;
  /** As the file calls them. */
  read: { header: string; field: ColumnName }[];
  ignored: string[];
  faults: FieldError[];
}

/** Reads the header: in any order, in French or English; the best name of a field wins, the others are ignored. */
export function readHeader(cells: readonly Cell[]): Header {
  const headers = cells.map((cell) => textOf(cell).trim());
  const words = headers.map(wordOf);
  const places = new Map<ColumnName, number>();
  const faults: FieldError[] = [];
  for (const column of columns) {
    const name = namesOf(column).find((one) => words.includes(one));
    const place = name === undefined ? -1 : words.indexOf(name);
    if (place >= 0) places.set(column.name, place);
    else if (column.isRequired) faults.push(columnFault(column.fr, "required"));
    if (name !== undefined && words.lastIndexOf(name) !== place) {
      faults.push(columnFault(headers[place] ?? column.fr, "column_duplicate"));
    }
  }
  const fieldAt = new Map([...places].map(([field, place]) => [place, field]));
  const read: Header["read"] = [];
  const ignored: string[] = [];
  headers.forEach((header, place) => {
    const field = fieldAt.get(place);
    if (field !== undefined) read.push({ header, field });
    else if (header !== "") ignored.push(header.slice(0, 100));
  });
  return { places, read, ignored, faults };
}

/** A cell as its sheet shows it. */
export function textOf(cell: Cell | undefined): string {
  if (cell === undefined) return "";
  if (typeof cell === "string") return cell;
  return "number" in cell ? cell.shown : cell.error;
}

function namesOf({ name, fr, en, also }: Column): string[] {
  return [fr, en, ...also, name].map(wordOf);
}

/** Letters and digits only, without accents: `E-Mail *` is `email`. */
function wordOf(header: string): string {
  return header
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");
}

function columnFault(header: string, code: FieldCode): FieldError {
  return fieldError(`columns/${header}`, code);
}
