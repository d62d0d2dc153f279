import { context, oid, printableString, sequence, setOf, tag, utf8String } from "./der.ts";
import { type DerNode, elements, readOid } from "./der-reader.ts";
import { nameOids } from "./oids.ts";

/** A subject's or an issuer's name. `country` is ISO 3166-1 alpha-2; `organizationIdentifier` as in EN 319 412-1 §5.1.4. */
export interface DistinguishedName {
  commonName?: string;
  givenName?: string;
  surname?: string;
  organization?: string;
  organizationIdentifier?: string;
  country?: string;
  serialNumber?: string;
}

type Attribute = keyof typeof nameOids;

// From the widest to the person, as directories list them (X.501).
const order = Object.keys(nameOids) as Attribute[];

/** X.520's ub-common-name, ub-organization-name and ub-serial-number are all 64 characters. */
const upperBound = 64;

/**
 * The name in DER, one attribute each RDN. Throws a RangeError on an empty name, a control character, or an
 * attribute over its X.520 bound.
 */
export function writeName(name: DistinguishedName): Uint8Array {
  const rdns = order.flatMap((attribute) => {
    const text = name[attribute]?.normalize("NFC").trim();
    return text === undefined || text === "" ? [] : [writeAttribute(attribute, text)];
  });
  if (rdns.length === 0) throw new RangeError("a name without an attribute");
  return sequence(...rdns);
}

function writeAttribute(attribute: Attribute, text: string): Uint8Array {
  if (/\p{Cc}/u.test(text)) throw new RangeError(`a control character in ${attribute}`);
  if (attribute === "country" && !/^[A-Z]{2}$/.test(text))
    throw new RangeError("country is two capital letters");
  const characters = [...text].length;
  // ub-name, for surname and givenName, is 32,768: what bounds them here is the size of a certificate.
  const bound = attribute === "surname" || attribute === "givenName" ? 256 : upperBound;
  if (characters > bound) throw new RangeError(`${attribute} is over ${bound} characters`);
  const printable = attribute === "country" || attribute === "serialNumber";
  const value = printable ? printableString(text) : utf8String(text);
  return setOf(sequence(oid(nameOids[attribute]), value));
}

/** « Prénom Nom » as a common name, cut at X.520's 64 characters: the whole name is in givenName and surname. */
export function personCommonName(givenName: string, surname: string): string {
  const whole = `${givenName.trim()} ${surname.trim()}`.normalize("NFC").trim();
  return [...whole].slice(0, upperBound).join("").trim();
}

const attributeOf = new Map<string, Attribute>(order.map((attribute) => [nameOids[attribute], attribute]));

/** A name from its DER; attributes that we do not use are passed over, the first of a kind wins. */
export function readName(node: DerNode): DistinguishedName {
  const name: DistinguishedName = {};
  for (const rdn of elements(node, tag.sequence)) {
    for (const pair of elements(rdn, tag.set)) {
      const [type, value] = elements(pair, tag.sequence);
      const attribute = attributeOf.get(readOid(type));
      if (attribute !== undefined && value !== undefined) name[attribute] ??= readText(value);
    }
  }
  return name;
}

function readText(node: DerNode): string {
  const bytes = Buffer.from(node.content.buffer, node.content.byteOffset, node.content.byteLength);
  if (node.tag === tag.utf8String) return bytes.toString("utf8");
  if (node.tag === bmpString) return Buffer.from(bytes).swap16().toString("utf16le");
  return bytes.toString("latin1");
}

const bmpString = 0x1e;

/** GeneralNames holding one directory name, for ESSCertIDv2's issuerSerial (RFC 5035 §4). */
export const directoryName = (nameDer: Uint8Array): Uint8Array => sequence(context(4, nameDer));
