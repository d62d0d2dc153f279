import { readFile } from "node:fs/promises";
import { parse } from "csv-parse/sync";

/** One client of the firm. Fees are whole euros a year, before VAT; 0: the mission is not given to the firm. */
export interface Client {
  firstName: string;
  lastName: string;
  email: string;
  /** E.164. */
  phone: string;
  company: string;
  city: string;
  fees: { bookkeeping: number; annualAccounts: number; payroll: number; legal: number };
}

/** Reads a file like `clients.csv`: UTF-8, `;` between values, one line of headings. */
export async function readClients(path: string | URL): Promise<Client[]> {
  const rows: Record<string, string>[] = parse(await readFile(path), {
    delimiter: ";",
    columns: true,
    bom: true,
    trim: true,
    skip_empty_lines: true,
  });
  return rows.map((row) => ({
    firstName: row["firstName"] ?? "",
    lastName: row["lastName"] ?? "",
    email: row["email"] ?? "",
    phone: row["phone"] ?? "",
    company: row["company"] ?? "",
    city: row["city"] ?? "",
    fees: {
      bookkeeping: Number(row["bookkeeping"]),
      annualAccounts: Number(row["annualAccounts"]),
      payroll: Number(row["payroll"]),
      legal: Number(row["legal"]),
    },
  }));
}

/** The same clients every time, up to 10,000, no two with the same e-mail address or phone number. */
export function generateClients(count: number): Client[] {
  if (!Number.isInteger(count) || count < 1 || count > 10_000) {
    throw new RangeError("the number of clients is from 1 to 10,000");
  }
  return Array.from({ length: count }, (_, i) => client(i));
}

function client(i: number): Client {
  const firstName = pick(firstNames, i);
  const lastName = pick(lastNames, Math.floor(i / firstNames.length) + i * 7);
  return {
    firstName,
    lastName,
    email: `${plain(firstName)}.${plain(lastName)}.${i + 1}@example.${pick(["com", "org", "net"], i)}`,
    phone: phone(i),
    company: `${pick(trades, i * 3)} ${lastName}`,
    city: pick(cities, i * 5),
    fees: {
      bookkeeping: 1_200 + ((i * 37) % 60) * 50,
      annualAccounts: 900 + ((i * 53) % 34) * 50,
      payroll: i % 4 === 0 ? 0 : 400 + ((i * 29) % 40) * 50,
      legal: 220 + ((i * 11) % 24) * 10,
    },
  };
}

/**
 * Half of the numbers are French. They have to pass for mobiles with libphonenumber, which knows the European ranges
 * kept for fiction (06 39 98, 07700 900) as invalid; nothing is ever sent to them but on the local sink.
 */
function phone(i: number): string {
  const turn = Math.floor(i / plan.length);
  const block = pick(plan, i);
  if (block === "FR") return `+3361234${digits(i, 4)}`;
  const { prefix, figures } = block;
  if (typeof prefix === "string") return `${prefix}${digits(turn, figures)}`;
  const size = 10 ** figures;
  return `${pick(prefix, Math.floor(turn / size))}${digits(turn % size, figures)}`;
}

/** Blocks of consecutive numbers; several prefixes where one block is too small for 10,000 clients. */
const plan: ("FR" | { prefix: string | string[]; figures: number })[] = [
  "FR",
  { prefix: "+3247012", figures: 4 },
  "FR",
  { prefix: "+35262812", figures: 4 },
  "FR",
  { prefix: "+4178123", figures: 4 },
  "FR",
  { prefix: "+491512345", figures: 4 },
  "FR",
  { prefix: "+3461234", figures: 4 },
  "FR",
  { prefix: "+35191234", figures: 4 },
  "FR",
  { prefix: "+39312345", figures: 4 },
  "FR",
  { prefix: "+44740012", figures: 4 },
  "FR",
  { prefix: ["+1416", "+1514", "+1604", "+1902"].map((area) => `${area}55501`), figures: 2 },
  "FR",
  { prefix: ["+1212", "+1310", "+1415", "+1617"].map((area) => `${area}55501`), figures: 2 },
  "FR",
  { prefix: "+22170123", figures: 4 },
  "FR",
  { prefix: "+21265012", figures: 4 },
  "FR",
];

const firstNames =
  "Éléonore Gaël Noëlle Zoé Maël Anaïs Benoît Hélène Jérôme Léa François Cédric Inès Théo Chloé Raphaël Agnès Loïc Maïté Côme Françoise Gaëtan Solène Aurélien Clémence Siméon Jean-Noël Marie-Ève Cléa Joël".split(
    " ",
  );
const lastNames =
  "Lefèvre|Le Goff|Garçon|Bœuf|Nuñez|Châtelain|D'Haëne|Müller|Maçon|Brûlé|Forêt|Saint-Exupéry|Conceição|N'Diaye|Lacroix|Béranger|Dupré|Hébert|Lemaître|Prévost|Cœurdevey|Guérin|Ménard|Rivière|Vallée|Poirié|Mégret|Besançon|Désormeaux|Étienne|Œillet".split(
    "|",
  );
const trades = [
  "Boulangerie",
  "Menuiserie",
  "Pharmacie",
  "Garage",
  "Café",
  "Épicerie",
  "Façades",
  "Cabinet médical",
  "Hôtel",
  "Traiteur",
];
const cities = [
  "Lille",
  "Orléans",
  "Besançon",
  "Saint-Étienne",
  "Nîmes",
  "Angoulême",
  "Évreux",
  "Châteauroux",
  "Béziers",
];

function pick<T>(list: readonly T[], i: number): T {
  return list[i % list.length] as T;
}

function digits(value: number, figures: number): string {
  return String(value).padStart(figures, "0");
}

/** Letters that an e-mail address may hold. */
function plain(name: string): string {
  return name
    .replaceAll("œ", "oe")
    .replaceAll("Œ", "Oe")
    .normalize("NFD")
    .replace(/[^A-Za-z]/g, "")
    .toLowerCase();
}
