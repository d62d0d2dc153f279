import forge from "node-forge";

/** What a PKCS#12 container holds: the one private key as PKCS#8, and all certificates, in DER. */
export interface Pkcs12 {
  pkcs8: Uint8Array;
  certificatesDer: Uint8Array[];
}

/** A container that cannot be used. */
export class Pkcs12Refused extends Error {
  readonly code: "p12_unreadable" | "p12_password" | "p12_no_key" | "p12_several_keys";

  constructor(code: Pkcs12Refused["code"], options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

const { asn1, pki, pkcs12 } = forge;

/**
 * Opens a container (RFC 7292), from the RC2 and 3DES of old exports to PBES2 with AES and a SHA-256 MAC. node-forge only
 * decrypts it: it knows no EC keys, and signing is node:crypto's. Throws a `Pkcs12Refused`.
 */
export function openPkcs12(bytes: Uint8Array, password: string): Pkcs12 {
  const bags = opened(bytes, password).safeContents.flatMap(({ safeBags }) => safeBags);
  const keys = bags.filter(({ type }) => keyBags.has(type));
  const [key, another] = keys;
  if (key === undefined) throw new Pkcs12Refused("p12_no_key");
  if (another !== undefined) throw new Pkcs12Refused("p12_several_keys");
  const certificates = bags.filter(({ type }) => type === pki.oids["certBag"]);
  try {
    return {
      pkcs8: derOf(key.key ? pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(key.key)) : key.asn1),
      certificatesDer: certificates.map((bag) =>
        // What forge read of a certificate it writes again byte for byte; the chain's signatures prove it.
        derOf(bag.cert ? pki.certificateToAsn1(bag.cert) : bag.asn1),
      ),
    };
  } catch (cause) {
    throw new Pkcs12Refused("p12_unreadable", { cause });
  }
}

const keyBags: ReadonlySet<string> = new Set([
  pki.oids["keyBag"] ?? "",
  pki.oids["pkcs8ShroudedKeyBag"] ?? "",
]);

function opened(bytes: Uint8Array, password: string): forge.pkcs12.Pkcs12Pfx {
  let container: forge.asn1.Asn1;
  try {
    container = asn1.fromDer(forge.util.createBuffer(Buffer.from(bytes).toString("binary")));
  } catch (cause) {
    throw new Pkcs12Refused("p12_unreadable", { cause });
  }
  try {
    return decrypted(container, password);
  } catch (cause) {
    const isPassword = cause instanceof Error && /password|decrypt/i.test(cause.message);
    throw new Pkcs12Refused(isPassword ? "p12_password" : "p12_unreadable", { cause });
  }
}

function decrypted(container: forge.asn1.Asn1, password: string): forge.pkcs12.Pkcs12Pfx {
  const utf8 = forge.util.encodeUtf8(password);
  try {
    // Not strict: some exports are BER.
    return pkcs12.pkcs12FromAsn1(container, false, password);
  } catch (error) {
    if (utf8 === password || !Array.isArray(container.value)) throw error;
    // The MAC takes the password in UTF-16, PBES2 in UTF-8 (RFC 7292 annex B.1), and forge the same for both. Without
    // its MAC the container is still proven: the key must fit its certificate, and that its chain.
    const withoutMac = { ...container, value: container.value.slice(0, 2) };
    return pkcs12.pkcs12FromAsn1(withoutMac, false, utf8);
  }
}

const derOf = (value: forge.asn1.Asn1): Uint8Array =>
  Uint8Array.from(Buffer.from(asn1.toDer(value).getBytes(), "binary"));
