import { literal, Op, type Transaction } from "sequelize";
import { Terminal } from "../actors/runtime/errors.ts";
import { newId } from "../actors/runtime/ids.ts";
import type { Clock, Instant, KeyMaterial, Keyring } from "../actors/runtime/ports.ts";
import type { Secrets } from "../actors/runtime/secrets.ts";
import type { Database } from "./database.ts";
import { allInOneLook, inOneLook, padded, places } from "./in-one-look.ts";
import {
  type CertificateColumns,
  type CertificateEntry,
  columnsOf,
  entryOf,
  keyIn,
  type NewKey,
} from "./key-rows.ts";
import type { Models } from "./models.ts";

/** The keyring with what enrolment adds to it. A certificate lives until it is revoked, replaced or `notAfter` has come. */
export interface WritableKeyring extends Keyring {
  /** Refused by the database when the owner has a living certificate. */
  add(ownerId: string, key: NewKey, notAfter: Instant): Promise<KeyMaterial>;
  /** Undefined when the owner has no living certificate; throws `Terminal("key_offline")` when its key is elsewhere. */
  find(ownerId: string): Promise<KeyMaterial | undefined>;
  /** As `find`, with the time at which it was enrolled. */
  inService(ownerId: string): Promise<{ key: KeyMaterial; createdAt: Instant } | undefined>;
  /** The key of any certificate, living or not; undefined when it is kept elsewhere or was never here. */
  key(keyId: string): Promise<KeyMaterial | undefined>;
  /** All certificates, of one owner or of everybody, oldest first. */
  entries(ownerId?: string): Promise<CertificateEntry[]>;
  /** From now on it signs nothing. */
  revoke(keyId: string): Promise<void>;
  /** Makes room for the owner's next certificate; an authority still signs its CRLs with the old key. */
  retire(keyId: string): Promise<void>;
  /** Forgets the private key, or takes it back. */
  setKey(keyId: string, pkcs8: Uint8Array | undefined): Promise<void>;
}

export const rootOwner = "root";
export const authorityOwner = "issuing-authority";

/** Of how many owners the certificates are read in one look. */
const ownersInLook = 4;

const columns = `id, owner_id, certificate, chain, key_kind, wrapped_key, anchor, not_after, created_at, revoked_at, retired_at`;
const living = `
  SELECT ${columns} FROM certificates
  WHERE not_after > $1 AND owner_id IN (${places(ownersInLook, 1)}) AND revoked_at IS NULL AND retired_at IS NULL`;
const byId = `SELECT ${columns} FROM certificates WHERE id = $1`;
const all = `SELECT ${columns} FROM certificates ORDER BY id`;
const owned = `SELECT ${columns} FROM certificates WHERE owner_id = $1 ORDER BY id`;

const mostOpened = 10_000;

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
  // Opened keys are kept, but whether a certificate lives is asked each time: what was revoked signs nothing more.
  const opened = new Map<string, KeyMaterial>();

  function open(row: CertificateColumns): KeyMaterial | undefined {
    const mark = `${row.id} ${row.wrapped_key}`;
    const before = opened.get(mark);
    if (before) return before;
    const key = keyIn(row, secrets);
    if (opened.size >= mostOpened) opened.clear();
    if (key) opened.set(mark, key);
    return key;
  }

  // Sixteen documents that are signed together ask for the same keys.
  const livingRow = allInOneLook(async (owners) => {
    const rows = await reader.all<CertificateColumns>(living, clock.now(), ...padded(owners, ownersInLook));
    return new Map(rows.map((row) => [row.owner_id, row]));
  }, ownersInLook);
  const rowOf = inOneLook(
    async (keyId: string): Promise<CertificateColumns | undefined> =>
      (await reader.all<CertificateColumns>(byId, keyId))[0],
  );
  const rowsOf = inOneLook((ownerId: string) => reader.all<CertificateColumns>(owned, ownerId));

  async function inService(ownerId: string): Promise<{ key: KeyMaterial; createdAt: Instant } | undefined> {
    const row = await livingRow(ownerId);
    if (!row) return undefined;
    const key = open(row);
    if (!key) throw new Terminal("key_offline");
    return { key, createdAt: row.created_at };
  }

  const find = async (ownerId: string): Promise<KeyMaterial | undefined> => (await inService(ownerId))?.key;

  async function ownedBy(ownerId: string): Promise<KeyMaterial> {
    const key = await find(ownerId);
    if (!key) throw new Terminal("no_certificate");
    return key;
  }

  const change = (keyId: string, values: Parameters<typeof models.Certificate.update>[0]) =>
    models.Certificate.update(values, { where: { id: keyId }, transaction });

  return {
    find,
    inService,
    ownedBy,
    async rootDer() {
      const root = await livingRow(rootOwner);
      if (!root) throw new Terminal("no_certificate");
      return Buffer.from(root.certificate, "base64");
    },
    issuingAuthority: () => ownedBy(authorityOwner),
    async key(keyId) {
      const row = await rowOf(keyId);
      return row && open(row);
    },
    async entries(ownerId) {
      const rows = await (ownerId === undefined ? reader.all<CertificateColumns>(all) : rowsOf(ownerId));
      return rows.map(entryOf);
    },
    async add(ownerId, key, notAfter) {
      const now = clock.now();
      // The index lets one unrevoked certificate be per owner: one that has run out makes room, over since its end.
      await models.Certificate.update(
        { revokedAt: literal("not_after") },
        { where: { ownerId, revokedAt: null, notAfter: { [Op.lte]: now } }, transaction },
      );
      const id = newId("cert", now);
      const values = { id, ownerId, ...columnsOf(key, secrets), notAfter, createdAt: now };
      await models.Certificate.create(values, { transaction });
      return { keyId: id, ...key };
    },
    async revoke(keyId) {
      await change(keyId, { revokedAt: clock.now() });
    },
    async retire(keyId) {
      await change(keyId, { retiredAt: clock.now() });
    },
    async setKey(keyId, pkcs8) {
      const sealed = pkcs8 === undefined ? "" : secrets.wrap(pkcs8).toString("base64");
      await change(keyId, { keyKind: pkcs8 === undefined ? "none" : "file", wrappedKey: sealed });
    },
  };
}
