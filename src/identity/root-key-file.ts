import { randomBytes, scryptSync } from "node:crypto";
import { z } from "zod";
import type { FileKeyMaterial } from "../actors/runtime/ports.ts";
import { open, seal } from "../actors/runtime/secrets.ts";
import { loadKey } from "../workers/signer-keys.ts";

/** 128 MB and some 0.4 s a guess (RFC 7914 §2): the file may lie in a safe for twenty years. */
const cost = { N: 2 ** 17, r: 8, p: 1 };
const maxmem = 256 * 1024 * 1024;

const shape = z.strictObject({
  format: z.literal("collecte-root-key-1"),
  certificate: z.base64(),
  scrypt: z.strictObject({
    N: z
      .number()
      .int()
      .max(2 ** 20),
    r: z.number().int().max(16),
    p: z.number().int().max(4),
    salt: z.base64(),
  }),
  /** PKCS#8 under AES-256-GCM: nonce, ciphertext, tag. */
  key: z.base64(),
});

/** The root's key file can't be opened: another passphrase, or other bytes. */
export class RootKeyRefused extends Error {
  readonly code: "root_key_unreadable" | "root_key_passphrase";

  constructor(code: RootKeyRefused["code"], options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

/** The root's key under a passphrase, with its certificate, for a place that is not the engine. */
export function sealRootKey({ pkcs8, certificateDer }: FileKeyMaterial, passphrase: string): string {
  const salt = randomBytes(32);
  const key = seal(scryptSync(passphrase.normalize("NFC"), salt, 32, { ...cost, maxmem }), pkcs8);
  const file: z.infer<typeof shape> = {
    format: "collecte-root-key-1",
    certificate: Buffer.from(certificateDer).toString("base64"),
    scrypt: { ...cost, salt: salt.toString("base64") },
    key: key.toString("base64"),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Opens what `sealRootKey` made; throws a `RootKeyRefused`, or a `SignerRefused` when key and certificate don't match. */
export function openRootKey(text: string, passphrase: string): FileKeyMaterial {
  const { certificate, scrypt, key } = parsed(text);
  const salt = Buffer.from(scrypt.salt, "base64");
  const { N, r, p } = scrypt;
  const root = { keyId: "root", certificateDer: Buffer.from(certificate, "base64"), chainDer: [] };
  const opened = unsealed(scryptSync(passphrase.normalize("NFC"), salt, 32, { N, r, p, maxmem }), key);
  const material = { ...root, pkcs8: opened };
  loadKey(material);
  return material;
}

function parsed(text: string): z.infer<typeof shape> {
  try {
    return shape.parse(JSON.parse(text));
  } catch (cause) {
    throw new RootKeyRefused("root_key_unreadable", { cause });
  }
}

function unsealed(under: Uint8Array, sealed: string): Uint8Array {
  try {
    return open(under, Buffer.from(sealed, "base64"));
  } catch (cause) {
    throw new RootKeyRefused("root_key_passphrase", { cause });
  }
}
