import type { Transaction } from "sequelize";
import type { Instant } from "../actors/runtime/ports.ts";
import type { Database } from "./database.ts";
import { inOneLook } from "./in-one-look.ts";

/** Why a certificate was revoked, as RFC 5280 §5.3.1 names it. */
export const revocationReasons = [
  "unspecified",
  "keyCompromise",
  "cACompromise",
  "affiliationChanged",
  "superseded",
  "cessationOfOperation",
  "privilegeWithdrawn",
] as const;
export type RevocationReason = (typeof revocationReasons)[number];

/** `authority` is the issuer's subject key identifier in hex, `serialHex` lower-case and without leading zero bytes. */
export interface Revocation {
  authority: string;
  serialHex: string;
  at: Instant;
  reason: RevocationReason;
  /** Its row in the keyring; absent for a one-use certificate. */
  certificateId?: string;
}

/** A certificate revocation list as it is published; `revoked` is how many revocations it was made from. */
export interface PublishedCrl {
  der: Uint8Array;
  number: number;
  revoked: number;
  thisUpdate: Instant;
  nextUpdate: Instant;
}

/** What was revoked, and the list of each authority that says so. Reads see what is committed. */
export interface Revocations {
  /** When it was revoked before, that stands. */
  add(revocation: Revocation): Promise<void>;
  of(authority: string): Promise<Revocation[]>;
  find(authority: string, serialHex: string): Promise<Revocation | undefined>;
  count(authority: string): Promise<number>;
  crl(authority: string): Promise<PublishedCrl | undefined>;
  /** Another one once anything was revoked, or any list published. */
  mark(): Promise<string>;
  /** Replaces the authority's list, unless one of the same number or a higher one is there. */
  publish(authority: string, crl: PublishedCrl): Promise<void>;
}

interface RevocationColumns {
  authority: string;
  serial_hex: string;
  at: number;
  reason: RevocationReason;
  certificate_id: string | null;
}

interface CrlColumns {
  number: number;
  revoked: number;
  this_update: number;
  next_update: number;
  der: string;
}

// Revocations are never forgotten, and the numbers of lists rise.
const marks = `
  SELECT (SELECT count(*) FROM revocations) AS revoked, (SELECT coalesce(sum(number), 0) FROM crls) AS published`;

const columns =
  "SELECT authority, serial_hex, at, reason, certificate_id FROM revocations WHERE authority = $1";

/** Additions belong to `transaction`, if there is one. */
export function createRevocations(
  { reader, sequelize }: Pick<Database, "reader" | "sequelize">,
  transaction: Transaction | null = null,
): Revocations {
  const write = async (sql: string, replacements: Record<string, unknown>): Promise<void> => {
    await sequelize.query(sql, { replacements, transaction });
  };

  return {
    add: ({
      certificateId = null,
      ...revocation
    }: Omit<Revocation, "certificateId"> & { certificateId?: string | null }) =>
      write(
        `INSERT INTO revocations (authority, serial_hex, at, reason, certificate_id)
         VALUES (:authority, :serialHex, :at, :reason, :certificateId) ON CONFLICT DO NOTHING`,
        { ...revocation, certificateId },
      ),
    async of(authority) {
      const rows = await reader.all<RevocationColumns>(`${columns} ORDER BY at, serial_hex`, authority);
      return rows.map(revocationOf);
    },
    async find(authority, serialHex) {
      const [row] = await reader.all<RevocationColumns>(
        `${columns} AND serial_hex = $2`,
        authority,
        serialHex,
      );
      return row && revocationOf(row);
    },
    async count(authority) {
      const counted = "SELECT count(*) AS revoked FROM revocations WHERE authority = $1";
      const [row] = await reader.all<{ revoked: number }>(counted, authority);
      return Number(row?.revoked ?? 0);
    },
    async crl(authority) {
      const [row] = await reader.all<CrlColumns>("SELECT * FROM crls WHERE authority = $1", authority);
      return row && crlOf(row);
    },
    mark: markOf(reader),
    publish: (authority, { der, ...crl }) =>
      write(
        `INSERT INTO crls (authority, number, revoked, this_update, next_update, der)
         VALUES (:authority, :number, :revoked, :thisUpdate, :nextUpdate, :der)
         ON CONFLICT (authority) DO UPDATE SET number = excluded.number, revoked = excluded.revoked,
           this_update = excluded.this_update, next_update = excluded.next_update, der = excluded.der
         WHERE crls.number < excluded.number`,
        { authority, ...crl, der: Buffer.from(der).toString("base64") },
      ),
  };
}

const markOf = (reader: Database["reader"]) => {
  const look = inOneLook(async () => {
    const [row] = await reader.all<{ revoked: number; published: number }>(marks);
    return `${row?.revoked} ${row?.published}`;
  });
  return () => look("");
};

function revocationOf({ serial_hex, certificate_id, ...row }: RevocationColumns): Revocation {
  return {
    ...row,
    serialHex: serial_hex,
    ...(certificate_id !== null && { certificateId: certificate_id }),
  };
}

function crlOf({ this_update, next_update, der, number, revoked }: CrlColumns): PublishedCrl {
  return {
    number,
    revoked,
    thisUpdate: this_update,
    nextUpdate: next_update,
    der: Buffer.from(der, "base64"),
  };
}
