import { booleanTrue, contextPrimitive, octetString, oid, sequence, tag } from "./der.ts";
import { DerError, type DerNode, elements, expect, readBoolean, readOid } from "./der-reader.ts";

/** One extension of a certificate, a CRL, an OCSP message or a timestamp (RFC 5280 §4.1.2.9). */
export interface Extension {
  name: string;
  isCritical: boolean;
  /** What its OCTET STRING holds: DER, mostly. */
  value: Uint8Array;
}

/** The extensions in a SEQUENCE OF Extension; none may come twice (RFC 5280 §4.2). */
export function readExtensions(list: DerNode | undefined): Extension[] {
  const names = new Set<string>();
  return elements(list, tag.sequence).map((node) => {
    const [type, second, third, extra] = elements(node, tag.sequence);
    const name = readOid(type);
    if (names.has(name)) throw new DerError("an extension twice");
    names.add(name);
    const hasFlag = second?.tag === tag.boolean;
    if (extra !== undefined || (!hasFlag && third !== undefined)) throw new DerError("not an Extension");
    const { content } = expect(hasFlag ? third : second, tag.octetString);
    return { name, isCritical: hasFlag && readBoolean(second), value: content };
  });
}

/** An extension around the DER of its value. */
export const extension = (name: string, value: Uint8Array, isCritical = false): Uint8Array =>
  isCritical ? sequence(oid(name), booleanTrue, octetString(value)) : sequence(oid(name), octetString(value));

/** The value of an authorityKeyIdentifier that names a key by its identifier alone. */
export const authorityKeyId = (keyId: Uint8Array): Uint8Array => sequence(contextPrimitive(0, keyId));

const uniformResourceIdentifier = 0x86;

/** A GeneralName that is an URI. */
export const uriName = (url: string): Uint8Array => contextPrimitive(6, Buffer.from(url, "latin1"));

/** The URIs among these GeneralNames. */
export const readUris = (names: readonly DerNode[]): string[] =>
  names
    .filter((name) => name.tag === uniformResourceIdentifier)
    .map(({ content }) => Buffer.from(content).toString("latin1"));

/** Where distribution points lead, from `fullName` alone (RFC 5280 §4.2.1.13). */
export function readDistributionPointName(node: DerNode): string[] {
  const [name] = elements(node, 0xa0);
  return name?.tag === 0xa0 ? readUris(elements(name, 0xa0)) : [];
}
