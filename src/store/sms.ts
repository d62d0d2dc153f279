import type { SmsBook, SmsCapCode, SmsReceipt, SmsSending } from "../actors/runtime/ports.ts";
import type { Connection, Database } from "./database.ts";
import { inGroups } from "./groups.ts";

const dayMs = 86_400_000;
/** Networks try for three days; receipts of what is older than this mean nothing to anybody. */
const keptMs = 7 * dayMs;
/** A receipt is early by as long as it takes to write down the gateway's answer. */
const earlyMs = 3_600_000;

/*
 * The same in both dialects. Two processes that count at once would both see room for one: so the first statement of a
 * transaction that counts takes a row that all of them take.
 */
const turn = `
  INSERT INTO sms_counts (day, counter, count) VALUES ('', 'turn', 0)
  ON CONFLICT (day, counter) DO UPDATE SET count = 0`;
const known = `
  SELECT gateway, reference FROM sms_sendings WHERE effect_id = $1`;
const countOf = "SELECT count FROM sms_counts WHERE day = $1 AND counter = $2";
const count = `
  INSERT INTO sms_counts (day, counter, count) VALUES ($1, $2, 1)
  ON CONFLICT (day, counter) DO UPDATE SET count = sms_counts.count + 1`;
const add = `
  INSERT INTO sms_sendings (effect_id, firm_id, actor_id, actor_kind, notice, recipient, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)`;
const ask = `
  UPDATE sms_sendings SET gateway = $1 WHERE effect_id = $2 AND coalesce(gateway, '') = $3 RETURNING effect_id`;
const release =
  "UPDATE sms_sendings SET gateway = NULL WHERE effect_id = $1 AND gateway = $2 AND reference IS NULL";
const accept = "UPDATE sms_sendings SET gateway = $1, reference = $2 WHERE effect_id = $3";
const early = `
  DELETE FROM sms_early_receipts WHERE gateway = $1 AND reference = $2
  RETURNING gateway, reference, status, code, at`;
const columns = `
  effect_id AS "effectId", firm_id AS "firmId", actor_id AS "actorId", actor_kind AS "actorKind", notice,
  recipient FROM sms_sendings`;
const byReference = `SELECT ${columns} WHERE gateway = $1 AND reference = $2`;
const byEffect = `SELECT ${columns} WHERE gateway = $1 AND effect_id = $2`;
const keepEarly = `
  INSERT INTO sms_early_receipts (gateway, reference, status, code, at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (gateway, reference, status) DO NOTHING`;

interface SendingColumns {
  effectId: string;
  firmId: string;
  actorId: string | null;
  actorKind: string | null;
  notice: string | null;
  recipient: string | null;
}

/** The book of SMS in its tables, on the lane beside the journal's. */
export function createSmsBook(database: Pick<Database, "reader" | "lanes" | "transaction">): SmsBook {
  const { reader } = database;
  const inTurn = inGroups(database);

  return {
    take: (sending, number, day, caps, now) =>
      inTurn(async (writer) => {
        await writer.run(turn);
        const { effectId, firmId, about } = sending;
        if ((await writer.all(known, effectId)).length > 0) return undefined;
        const counters = [`n:${number}`, `f:${firmId}`] as const;
        const [ofNumber, ofFirm] = [
          await read(writer, day, counters[0]),
          await read(writer, day, counters[1]),
        ];
        const refused: SmsCapCode | undefined =
          ofNumber >= caps.perNumber ? "sms_number_cap" : ofFirm >= caps.perFirm ? "sms_firm_cap" : undefined;
        if (refused) return refused;
        for (const counter of counters) await writer.run(count, day, counter);
        const whose = about
          ? [about.actorId, about.actorKind, about.notice, about.to]
          : [null, null, null, null];
        await writer.run(add, effectId, firmId, ...whose, now + keptMs);
        return undefined;
      }),
    async counts(firmId, number, day) {
      return { number: await read(reader, day, `n:${number}`), firm: await read(reader, day, `f:${firmId}`) };
    },
    async whereabouts(effectId) {
      const [row] = await reader.all<{ gateway: string | null; reference: string | null }>(known, effectId);
      return {
        ...(row?.gateway != null && { gateway: row.gateway }),
        ...(row?.reference != null && { reference: row.reference }),
      };
    },
    ask: (effectId, gateway, instead = "") =>
      inTurn(async (writer) => (await writer.all(ask, gateway, effectId, instead)).length > 0),
    release: (effectId, gateway) => inTurn((writer) => writer.run(release, effectId, gateway)),
    accepted: (effectId, gateway, reference) =>
      inTurn(async (writer) => {
        await writer.run(accept, gateway, reference, effectId);
        const rows = await writer.all<SmsReceipt>(early, gateway, reference);
        return rows.map((row) => ({ ...row, at: Number(row.at) }));
      }),
    owner: (receipt) =>
      // In the turn of those who write: what was accepted a moment ago is seen.
      inTurn(async (writer) => {
        const { gateway, reference, isOurName, status, code, at } = receipt;
        const found = await writer.all<SendingColumns>(
          isOurName ? byEffect : byReference,
          gateway,
          reference,
        );
        // A reference that names two is a gateway's that counts anew: whose it is can't be told.
        if (found.length > 1) return undefined;
        if (found[0]) return sendingOf(found[0]);
        if (!isOurName) await writer.run(keepEarly, gateway, reference, status, code, at, at + earlyMs);
        return undefined;
      }),
    forget: (now) =>
      inTurn(async (writer) => {
        await writer.run("DELETE FROM sms_sendings WHERE expires_at <= $1", now);
        await writer.run("DELETE FROM sms_early_receipts WHERE expires_at <= $1", now);
        // A day ends at another hour here than where dates are counted from: the day before yesterday is over.
        const over = new Date(now - 2 * dayMs).toISOString().slice(0, 10);
        await writer.run("DELETE FROM sms_counts WHERE day <> '' AND day < $1", over);
      }),
  };
}

async function read(connection: Connection, day: string, counter: string): Promise<number> {
  const [row] = await connection.all<{ count: number }>(countOf, day, counter);
  return Number(row?.count ?? 0);
}

function sendingOf({ effectId, firmId, actorId, actorKind, notice, recipient }: SendingColumns): SmsSending {
  if (actorId === null || actorKind === null || notice === null || recipient === null)
    return { effectId, firmId };
  return { effectId, firmId, about: { firmId, actorId, actorKind, notice, to: recipient } };
}
