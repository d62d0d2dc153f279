import { literal, Op, type Transaction } from "sequelize";
import { Terminal } from "../actors/runtime/errors.ts";
import { newId } from "../actors/runtime/ids.ts";
import type { Clock, KeyMaterial, Keyring } from "../actors/runtime/ports.ts";
import type { Secrets } from "../actors/runtime/secrets.ts";
import type { Database } from "./database.ts";
import type { Models } from "./models.ts";
import { remember } from "./remember.ts";

/** The keyring with what enrolment adds to it. A certificate lives until it is revoked or `notAfter` has come. */
export interface WritableKeyring extends Keyring {
  /** Refused by the database when the owner has a living certificate. */
  add(ownerId: string, key: Omit<KeyMaterial, "keyId">, notAfter: number): Promise<KeyMaterial>;
  /** Undefined when the owner has no living certificate. */
  find(ownerId: string): Promise<KeyMaterial | undefined>;
}

export const rootOwner = "root";
export const authorityOwner = "issuing-authority";

const living = `
  SELECT id, certificate, chain, wrapped_key, not_after FROM certificates
  WHERE owner_id = $1 AND revoked_at IS NULL AND not_after > $2`;

interface CertificateColumns {
  id: string;
  certificate: string;
  chain: string;
  wrapped_key: string;
  not_after: number;
}

/**
 * Certificates and their keys; keys are sealed in the table (AES-256-GCM under the secret from outside). Additions
 * belong to `transaction`, if there is one; finds see what is committed.
 */
export function createKeyring(
  { reader }: Pick<Database, "reader">,
  models: Models,
  secrets: Secrets,
  clock: Clock,
  transaction: Transaction | null = null,
): WritableKeyring {
  const read = remember(
    clock,
    async (ownerId) => {
      const [row] = await reader.all<CertificateColumns>(living, ownerId, clock.now());
      return row && { key: keyOf(row), notAfter: row.not_after };
    },
    ({ notAfter }) => notAfter,
  );

  function keyOf(row: CertificateColumns): KeyMaterial {
    return {
      keyId: row.id,
      pkcs8: secrets.unwrap(Buffer.from(row.wrapped_key, "base64")),
      certificateDer: Buffer.from(row.certificate, "base64"),
      chainDer: (JSON.parse(row.chain) as string[]).map((der) => Buffer.from(der, "base64")),
    };
  }

  async function find(ownerId: string): Promise<KeyMaterial | undefined> {
    return (await read(ownerId))?.key;
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
      const now = clock.now();
      // The index lets one unrevoked certificate be per owner: one that has run out makes room, over since its end.
      await models.Certificate.update(
        { revokedAt: literal("not_after") },
        { where: { ownerId, revokedAt: null, notAfter: { [Op.lte]: now } }, transaction },
      );
      const id = newId("cert", now);
      await models.Certificate.create(
        {
          id,
          ownerId,
          certificate: Buffer.from(key.certificateDer).toString("base64"),
          chain: JSON.stringify(key.chainDer.map((der) => Buffer.from(der).toString("base64"))),
          wrappedKey: secrets.wrap(key.pkcs8).toString("base64"),
          notAfter,
          createdAt: now,
        },
        { transaction },
      );
      return { keyId: id, ...key };
    },
  };
}
