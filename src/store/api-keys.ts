import { randomBytes } from "node:crypto";
import { KeyReused } from "../actors/runtime/errors.ts";
import type { ApiKey, ApiKeys, Clock, Instant, Making } from "../actors/runtime/ports.ts";
import { scopeNames } from "../actors/runtime/scopes.ts";
import { digestOf } from "../actors/runtime/secrets.ts";
import type { Database } from "./database.ts";
import { everyScope, scopesIn } from "./key-scopes.ts";

/** How long uses are gathered before they are written: a busy key costs one write, not one a request. */
const gatherMs = 15_000;

interface KeyColumns {
  id: string;
  name: string;
  scopes: string;
  createdAt: Instant;
  usedAt: Instant | null;
  revokedAt: Instant | null;
  fingerprint: string | null;
}

const keysOf = `
  SELECT id, name, scopes, created_at AS "createdAt", used_at AS "usedAt", revoked_at AS "revokedAt", fingerprint
  FROM api_keys WHERE firm_id = $1`;

/** The keys, with the end of what was gathered. */
export interface WritableApiKeys extends ApiKeys {
  /** Writes the uses that were gathered. */
  flush(): Promise<void>;
}

export function createApiKeys(
  { reader, sequelize, together }: Pick<Database, "reader" | "sequelize" | "together">,
  clock: Clock,
): WritableApiKeys {
  let uses = new Map<string, Instant>();
  let timer: NodeJS.Timeout | undefined;

  async function find(firmId: string, id: string): Promise<KeyColumns | undefined> {
    return (await reader.all<KeyColumns>(`${keysOf} AND id = $2`, firmId, id))[0];
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const written = uses;
    if (written.size === 0) return;
    uses = new Map();
    await together(async (transaction) => {
      for (const [id, at] of written)
        await sequelize.query(
          "UPDATE api_keys SET used_at = :at WHERE id = :id AND (used_at IS NULL OR used_at < :at)",
          { replacements: { id, at }, transaction },
        );
    });
  }

  return {
    flush,
    async list(firmId) {
      return (await reader.all<KeyColumns>(`${keysOf} ORDER BY id`, firmId)).map(keyIn);
    },
    async find(firmId, id) {
      const row = await find(firmId, id);
      return row && keyIn(row);
    },
    add: (firmId, making, { name, scopes }) =>
      together(async (transaction) => {
        const before = await find(firmId, making.id);
        if (before) return { key: keyIn(sameRequest(before, making)) };
        const apiKey = `ck_${randomBytes(32).toString("base64url")}`;
        const createdAt = clock.now();
        const isAll = scopeNames.every((scope) => scopes.includes(scope));
        const values = {
          ...{ id: making.id, firmId, name, createdAt },
          hash: digestOf(apiKey),
          scopes: isAll ? everyScope : scopes.join(" "),
          fingerprint: making.fingerprint ?? null,
        };
        await sequelize.query(
          `INSERT INTO api_keys (id, firm_id, hash, name, scopes, fingerprint, created_at)
           VALUES (:id, :firmId, :hash, :name, :scopes, :fingerprint, :createdAt)`,
          { replacements: values, transaction },
        );
        return { key: { id: making.id, name, scopes: scopesIn(values.scopes), createdAt }, apiKey };
      }),
    revoke: (firmId, id) =>
      together(async (transaction) => {
        const before = await find(firmId, id);
        if (!before || before.revokedAt !== null) return before && keyIn(before);
        const revokedAt = clock.now();
        await sequelize.query("UPDATE api_keys SET revoked_at = :revokedAt WHERE id = :id", {
          replacements: { id, revokedAt },
          transaction,
        });
        return { ...keyIn(before), revokedAt };
      }),
    used(id) {
      uses.set(id, clock.now());
      // A use that could not be written is told by the next one.
      timer ??= setTimeout(() => void flush().catch(() => undefined), gatherMs).unref();
    },
  };
}

function keyIn({ id, name, scopes, createdAt, usedAt, revokedAt }: KeyColumns): ApiKey {
  return {
    ...{ id, name, scopes: scopesIn(scopes), createdAt },
    ...(usedAt !== null && { usedAt }),
    ...(revokedAt !== null && { revokedAt }),
  };
}

/** Throws `KeyReused` when another request made it. */
function sameRequest(row: KeyColumns, { fingerprint }: Making): KeyColumns {
  if (row.fingerprint !== (fingerprint ?? null)) throw new KeyReused();
  return row;
}
