import { Terminal } from "../actors/runtime/errors.ts";
import { newId } from "../actors/runtime/ids.ts";
import type { Clock, KeyMaterial, Keyring } from "../actors/runtime/ports.ts";
import type { Secrets } from "../actors/runtime/secrets.ts";
import type { Models } from "./models.ts";

/** The keyring with what enrolment adds to it. */
export interface WritableKeyring extends Keyring {
  /** Refused by the database when the owner has a living certificate. */
  add(ownerId: string, key: Omit<KeyMaterial, "keyId">, notAfter: number): Promise<KeyMaterial>;
  /** Undefined when the owner has no living certificate. */
  find(ownerId: string): Promise<KeyMaterial | undefined>;
}

export const rootOwner = "root";
export const authorityOwner = "issuing-authority";

/** Certificates and their keys; keys are sealed in the table (AES-256-GCM under the secret from outside). */
export function createKeyring(models: Models, secrets: Secrets, clock: Clock): WritableKeyring {
  const kept = new Map<string, KeyMaterial>();

  async function find(ownerId: string): Promise<KeyMaterial | undefined> {
    const known = kept.get(ownerId);
    if (known) return known;
    const row = await models.Certificate.findOne({ where: { ownerId, revokedAt: null }, raw: true });
    if (!row) return undefined;
    const key: KeyMaterial = {
      keyId: row.id,
      pkcs8: unwrapped(secrets, row.wrappedKey),
      certificateDer: Buffer.from(row.certificate, "base64"),
      chainDer: (JSON.parse(row.chain) as string[]).map((der) => Buffer.from(der, "base64")),
    };
    kept.set(ownerId, key);
    return key;
  }

  async function ownedBy(ownerId: string): Promise<KeyMaterial> {
    const key = await find(ownerId);
    if (!key) throw new Terminal("no_certificate");
    return key;
  }

  return {
    find,
    ownedBy,
    rootDer: async () => (await ownedBy(rootOwner)).certificateDer,
    issuingAuthority: () => ownedBy(authorityOwner),
    async add(ownerId, key, notAfter) {
      const id = newId("cert", clock.now());
      await models.Certificate.create({
        id,
        ownerId,
        certificate: Buffer.from(key.certificateDer).toString("base64"),
        chain: JSON.stringify(key.chainDer.map((der) => Buffer.from(der).toString("base64"))),
        wrappedKey: secrets.wrap(key.pkcs8).toString("base64"),
        notAfter,
        createdAt: clock.now(),
      });
      return { keyId: id, ...key };
    },
  };
}

/** The keys of this store were sealed under another secret than the one that the engine was given. */
export class OtherSecret extends Error {
  readonly code = "other_secret";
  readonly mend = true;

  constructor(message: string, options: { cause?: unknown }) {
    super(message, options);
    this.name = "OtherSecret";
  }
}

function unwrapped(secrets: Secrets, wrappedKey: string): Buffer {
  try {
    return secrets.unwrap(Buffer.from(wrappedKey, "base64"));
  } catch (cause) {
    const mend = "give that one, or name an empty store";
    throw new OtherSecret(`COLLECTE_SECRET: this store was written under another secret: ${mend}`, { cause });
  }
}
