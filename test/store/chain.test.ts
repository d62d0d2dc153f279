import { expect } from "chai";
import { canonicalJson } from "../../src/actors/runtime/canonical-json.ts";
import { type EventColumns, hashOf } from "../../src/store/chain.ts";
import { createReads } from "../../src/store/reads.ts";
import type { SqliteConnection } from "../../src/store/sqlite/connection.ts";
import { openSqlite, type SqliteDatabase } from "../../src/store/sqlite/database.ts";
import { createVault } from "../../src/store/vault.ts";
import { seeded } from "../support/chance.ts";
import { canaryDraft, live } from "./lives.ts";
import { type OpenedStore, openTemporaryStore, secretsOfTests } from "./open-store.ts";

type Chance = (below: number) => number;
type Tampering = (writer: SqliteConnection, rows: EventColumns[], chance: Chance) => Promise<void>;

const where = "actor_id = 'col-1' AND version = ? AND n = ?";

describe("the hash chain of a record", () => {
  let opened: OpenedStore;
  let database: SqliteDatabase;
  before(async () => {
    opened = await openTemporaryStore();
    const { store, clock } = opened;
    const told = canaryDraft({ steps: ["s1", "s2", "seal"] })
      .launched()
      .signedBy("s1", "s2")
      .sealed();
    await live(store.journal, clock, "col-1", told);
    await live(store.journal, clock, "col-2", told);
    database = await openSqlite(opened.file);
  });
  after(async () => {
    await database.close();
    await opened.close();
  });

  it("is whole as it was written", async () => {
    expect(await opened.store.reads.recordIsWhole("col-1")).to.equal(true);
    expect(await opened.store.reads.history("firm", "col-1")).to.have.length.above(12);
  });

  for (const [name, tamper] of Object.entries(tamperings())) {
    it(`finds each of 250 ${name}`, async function () {
      this.timeout(20_000);
      const chance = seeded(name.length * 7919);
      for (let round = 0; round < 250; round++) {
        expect(await wholeAfter(database, tamper, chance), `round ${round}`).to.equal(false);
      }
      expect(await opened.store.reads.recordIsWhole("col-1"), "all was taken back").to.equal(true);
    });
  }

  it("stays whole while it grows under the reader", async () => {
    const { store, clock } = opened;
    const told = canaryDraft().launched().consentedBy("s1");
    const checks: boolean[] = [];
    let living = true;
    const life = (async () => {
      for (let i = 0; i < 20; i++) await live(store.journal, clock, `col-grows-${i}`, told);
      living = false;
    })();
    while (living) {
      for (let i = 0; i < 20; i++) {
        if (await store.reads.collecte("firm", `col-grows-${i}`)) {
          checks.push(await store.reads.recordIsWhole(`col-grows-${i}`));
        }
      }
      await new Promise(setImmediate);
    }
    await life;
    expect(checks.length).to.be.above(20);
    expect(checks).not.to.include(false);
  });
});

describe("canonical JSON", () => {
  it("is one text for one value", () => {
    const value = { b: [1, { z: null, a: "é" }], a: { d: undefined, c: true } };
    expect(canonicalJson(value)).to.equal('{"a":{"c":true},"b":[1,{"a":"é","z":null}]}');
    expect(JSON.parse(canonicalJson(value))).to.deep.equal(JSON.parse(JSON.stringify(value)));
  });
});

function tamperings(): Record<string, Tampering> {
  const set = (
    writer: SqliteConnection,
    column: string,
    value: string | number,
    { version, n }: EventColumns,
  ) => writer.run(`UPDATE events SET ${column} = ? WHERE ${where}`, value, version, n);
  return {
    async "edits of one value"(writer, rows, chance) {
      const row = pick(rows, chance);
      const columns = ["message_id", "type", "data", "previous_hash", "hash", "at"] as const;
      const column = columns[chance(columns.length)] ?? "data";
      const old = row[column];
      await set(writer, column, typeof old === "number" ? old + 1 + chance(1000) : flipped(old, chance), row);
    },
    async "edits with every hash made anew"(writer, rows, chance) {
      const place = chance(rows.length);
      let head = rows[place]?.previous_hash ?? "";
      for (const [i, row] of rows.slice(place).entries()) {
        const { version, n, message_id: messageId, type, at } = row;
        const data = i === 0 ? flipped(row.data, chance) : row.data;
        await set(writer, "data", data, row);
        await set(writer, "previous_hash", head, row);
        head = hashOf({ actorId: "col-1", version, n, messageId, type, data, at }, head);
        await set(writer, "hash", head, row);
      }
    },
    async "deletions of one event"(writer, rows, chance) {
      const { version, n } = pick(rows, chance);
      await writer.run(`DELETE FROM events WHERE ${where}`, version, n);
    },
    async truncations(writer, rows, chance) {
      const { version, n } = pick(rows, chance);
      await writer.run("DELETE FROM events WHERE actor_id = 'col-1' AND (version, n) >= (?, ?)", version, n);
    },
    async "swaps of two events"(writer, rows, chance) {
      const [one, other] = twoOf(rows, chance);
      const sql = `UPDATE events SET version = ?, n = ? WHERE ${where}`;
      await writer.run(sql, -1, 0, one.version, one.n);
      await writer.run(sql, one.version, one.n, other.version, other.n);
      await writer.run(sql, other.version, other.n, -1, 0);
    },
    async "swaps of what two events say"(writer, rows, chance) {
      const [one, other] = twoOf(rows, chance);
      for (const column of ["type", "data", "at"] as const) {
        await set(writer, column, other[column], one);
        await set(writer, column, one[column], other);
      }
    },
    async "events put in"(writer, rows, chance) {
      const { version, n } = pick(rows, chance);
      await writer.run(
        `INSERT INTO events SELECT actor_id, version, n + 50, message_id, type, data, at, previous_hash, hash
        FROM events WHERE ${where}`,
        version,
        n,
      );
    },
    async "events taken from another record"(writer, rows, chance) {
      const { version, n } = pick(rows, chance);
      await writer.run(`DELETE FROM events WHERE ${where}`, version, n);
      await writer.run(
        "UPDATE events SET actor_id = 'col-1' WHERE actor_id = 'col-2' AND version = ? AND n = ?",
        version,
        n,
      );
    },
    async "edits of the head"(writer, rows, chance) {
      const head =
        chance(2) === 0 ? flipped(rows.at(-1)?.hash ?? "", chance) : pick(rows.slice(0, -1), chance).hash;
      await writer.run("UPDATE actors SET head_hash = ? WHERE id = 'col-1'", head);
    },
  };
}

/** Tampers, looks, and takes it all back. */
async function wholeAfter(database: SqliteDatabase, tamper: Tampering, chance: Chance): Promise<boolean> {
  const takenBack = new Error("taken back");
  let whole = true;
  await database
    .transaction(async (writer) => {
      const rows = await writer.all<EventColumns>(
        "SELECT * FROM events WHERE actor_id = 'col-1' ORDER BY version, n",
      );
      await tamper(writer, rows, chance);
      const reads = createReads({ ...database, reader: writer }, createVault(secretsOfTests));
      whole = await reads.recordIsWhole("col-1");
      throw takenBack;
    })
    .catch((error: unknown) => {
      if (error !== takenBack) throw error;
    });
  return whole;
}

function pick<T>(list: T[], chance: Chance): T {
  return list[chance(list.length)] ?? expect.fail("an empty list");
}

function twoOf<T>(list: T[], chance: Chance): [T, T] {
  const one = chance(list.length);
  const other = (one + 1 + chance(list.length - 1)) % list.length;
  return [list[one] ?? expect.fail(), list[other] ?? expect.fail()];
}

/** The text with one of its characters replaced; one more when it has none. */
function flipped(text: string, chance: Chance): string {
  if (text === "") return "0";
  const place = chance(text.length);
  const other = text[place] === "x" ? "y" : "x";
  return `${text.slice(0, place)}${other}${text.slice(place + 1)}`;
}
