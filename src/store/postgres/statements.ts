import type { Batch, Connection } from "../database.ts";
import {
  buryEffects,
  deleteAwaited,
  dropOldEvidence,
  forgetReceipts,
  insertDeadLetters,
  insertMail,
  postponeEffects,
  renewLeases,
  returnEffects,
  upsertAwaited,
} from "./journal-sql.ts";

const rare = new Set([
  dropOldEvidence,
  insertDeadLetters,
  postponeEffects,
  renewLeases,
  returnEffects,
  buryEffects,
  upsertAwaited,
  deleteAwaited,
]);

/** The spaces of our advisory locks: the same numbers in every version, since versions run side by side. */
const space = { parts: 1129270864, kinds: 1129270865 };

const partLocks = `
  SELECT part, pg_try_advisory_xact_lock(${space.parts}, part) AS held
  FROM unnest(ARRAY(SELECT json_array_elements_text($1::json)::int)) AS part`;

const kindLocks = `
  SELECT kind, pg_try_advisory_xact_lock(${space.kinds}, hashtext(kind)) AS held
  FROM unnest(ARRAY(SELECT json_array_elements_text($1::json))) AS kind`;

/** Tries to lock each part, and never waits: a lock that can't be waited for can't be in a deadlock. */
export async function hold(writer: Connection, parts: number[]): Promise<number[]> {
  const rows = await writer.all<{ part: number; held: boolean }>(partLocks, JSON.stringify(parts));
  return rows.flatMap(({ part, held }) => (held ? [part] : []));
}

export async function holdKinds(writer: Connection, kinds: string[]): Promise<string[]> {
  const rows = await writer.all<{ kind: string; held: boolean }>(kindLocks, JSON.stringify(kinds));
  return rows.flatMap(({ kind, held }) => (held ? [kind] : []));
}

/**
 * All the tables of a group in one statement, for one trip to the server. Its steps don't see one another, which only
 * matters where a row makes room for another with its key: receipts that are over go first, and a message that is
 * drained and parked again comes last.
 */
export async function write(writer: Connection, batches: Batch[]): Promise<void> {
  const of = (one: string) => batches.filter(([statement]) => statement === one);
  await together(writer, of(forgetReceipts));
  await together(
    writer,
    batches.filter(([statement]) => statement !== forgetReceipts && statement !== insertMail),
  );
  await together(writer, of(insertMail));
}

/**
 * The common steps are there even when they have no rows: a step without rows costs little, and each choice of steps
 * would be one more plan that every connection keeps.
 */
async function together(writer: Connection, batches: Batch[]): Promise<void> {
  if (batches.every(([, rows]) => rows.length === 0)) return;
  const steps = batches.filter(([statement, rows]) => rows.length > 0 || !rare.has(statement));
  const numbered = steps.map(([statement], i) => statement.replaceAll("$1", `$${i + 1}`));
  const last = numbered.pop() ?? "";
  const others = numbered.map((statement, i) => `step${i} AS (${statement})`);
  const text = others.length === 0 ? last : `WITH ${others.join(", ")} ${last}`;
  await writer.run(text, ...steps.map(([, rows]) => JSON.stringify(rows)));
}
