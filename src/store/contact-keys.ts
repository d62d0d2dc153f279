import type { ContactFields } from "../actors/runtime/ports.ts";

/** Letters that no decomposition of Unicode takes apart. */
const ligatures: Readonly<Record<string, string>> = {
  œ: "oe",
  æ: "ae",
  ß: "ss",
  ł: "l",
  ø: "o",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
};

/** As people search: without accents, in lower case, with single blanks. */
export function folded(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[œæßłøđðþı]/g, (letter) => ligatures[letter] ?? letter)
    .replace(/\s+/g, " ")
    .trim();
}

/** Who a contact is when no reference says it. */
export function personKey({
  firstName,
  lastName,
  email,
}: Pick<ContactFields, "firstName" | "lastName" | "email">) {
  return [email.toLowerCase(), folded(firstName), folded(lastName)].join("\n");
}

/** What pages are in the order of. */
export function sortKey({ firstName, lastName }: ContactFields): string {
  return `${folded(lastName)}\n${folded(firstName)}`;
}

/** Each thing that a search may begin, after a line feed. */
export function searchText({ firstName, lastName, email, company, externalId }: ContactFields): string {
  const [first, last] = [folded(firstName), folded(lastName)];
  const others = [company, externalId].flatMap((one) => (one === undefined ? [] : [folded(one)]));
  return `\n${[`${first} ${last}`, `${last} ${first}`, email.toLowerCase(), ...others].join("\n")}`;
}

/** The pattern of LIKE that finds `prefix` in `searchText`. */
export function searchPattern(prefix: string | undefined): string {
  if (prefix === undefined) return "%";
  return `%\n${folded(prefix).replace(/[\\%_]/g, "\\$&")}%`;
}
