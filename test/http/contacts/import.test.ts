import { read as readBook, utils } from "@e965/xlsx";
import { expect } from "chai";
import { createSpreadsheets } from "../../../src/workers/spreadsheet/reader.ts";
import { onEachStore } from "../../store/on-each-store.ts";
import type { OpenedStore } from "../../store/open-store.ts";
import { aBook, type Row } from "../../support/spreadsheets.ts";
import { keys, type OpenDoor, openDoor } from "../support/a-door.ts";
import { call, type Json } from "../support/caller.ts";

const header = ["Prénom", "Nom", "E-mail", "Mobile", "Pays", "Société", "Référence", "Langue", "Remarques"];
const claire: Row = ["Claire", "Dubœuf", "claire@client.example", "06 12 34 56 78"];
const paul: Row = [
  "Paul",
  "Roi",
  "paul@client.example",
  "0470 12 34 56",
  "Belgique (BE)",
  "Roi SA",
  "C7",
  "English",
];

onEachStore("an import of contacts", (open) => {
  const spreadsheets = createSpreadsheets();
  let opened: OpenedStore;
  let door: OpenDoor;
  after(() => spreadsheets.close());
  beforeEach(async () => {
    opened = await open();
    door = await openDoor({}, { contacts: opened.store.contacts, spreadsheets });
  });
  afterEach(async () => {
    await door.close();
    await opened.close();
  });

  const send = (body: Uint8Array | string, mode?: string, headers: Record<string, string> = {}) =>
    call(`${door.url}/v1/contacts/imports${mode === undefined ? "" : `?mode=${mode}`}`, {
      bearer: keys.cabinet,
      body,
      headers: { "Content-Type": "application/octet-stream", ...headers },
    });
  const report = async (body: Uint8Array | string, mode?: string): Promise<Json> => {
    const { status, json } = await send(body, mode);
    expect(status, JSON.stringify(json)).to.equal(200);
    return json;
  };
  const book = (...rows: Row[]) => aBook("xlsx", [header, ...rows]);
  const all = async (): Promise<Json[]> =>
    (await call(`${door.url}/v1/contacts?limit=100`, { bearer: keys.cabinet })).json.items;
  const codes = ({ errors }: Json) => errors.map(({ row, field, code }: Json) => `${row} ${field} ${code}`);

  for (const bookType of ["xlsx", "ods", "biff8", "csv"] as const) {
    it(`takes a ${bookType}, and the same again changes nothing`, async () => {
      const file = aBook(bookType, [header, claire, paul]);
      const first = await report(file, "all");
      expect(first.applied).to.equal(true);
      expect(first.counts).to.deep.equal({
        rows: 2,
        good: 2,
        bad: 0,
        created: 2,
        updated: 0,
        unchanged: 0,
        commented: 0,
      });
      const [one, two] = await all();
      expect(one).to.include({ firstName: "Claire", phone: "+33612345678", language: "fr" });
      expect(two).to.include({ phone: "+32470123456", company: "Roi SA", externalId: "C7", language: "en" });
      expect(first.rows).to.deep.equal([
        { row: 2, outcome: "created", contactId: one.id },
        { row: 3, outcome: "created", contactId: two.id },
      ]);
      expect((await report(file, "all")).counts).to.include({ unchanged: 2, created: 0 });
      expect(await all()).to.deep.equal([one, two]);
    });
  }

  it("tells what it would do, and does nothing, unless a mode says so", async () => {
    const { applied, mode, rows } = await report(book(claire));
    expect({ applied, mode }).to.deep.equal({ applied: false, mode: "check" });
    expect(rows).to.deep.equal([{ row: 2, outcome: "created" }]);
    expect(await all()).to.deep.equal([]);
  });

  it("takes nothing, or all the good rows, as asked, and says row by row what is wrong", async () => {
    const bad: Row = ["", "Roi", "paul", "01 23 45 67 89", "Atlantide", undefined, undefined, "Klingon"];
    const file = book(claire, [], bad, ["# une remarque"], paul);
    const none = await report(file, "all");
    expect(none.applied).to.equal(false);
    expect(none.counts).to.include({ rows: 3, good: 2, bad: 1, commented: 1 });
    expect(none.errors.map(({ detail: _, ...error }: Json) => error)).to.have.deep.members([
      { row: 4, field: "firstName", code: "required" },
      { row: 4, field: "email", code: "email_invalid", value: "paul" },
      { row: 4, field: "phone", code: "phone_not_mobile", value: "01 23 45 67 89" },
      { row: 4, field: "country", code: "wrong_value", value: "Atlantide" },
      { row: 4, field: "language", code: "wrong_value", value: "Klingon" },
    ]);
    expect(await all()).to.deep.equal([]);
    const good = await report(file, "good");
    expect([good.applied, good.rows.map(({ outcome }: Json) => outcome)]).to.deep.equal([
      true,
      ["created", "bad", "created"],
    ]);
    expect(await all()).to.have.length(2);
  });

  it("explains in French to those who ask in French", async () => {
    const { json } = await send(book(["Claire", "Dubœuf", "x"]), "check", { "Accept-Language": "fr" });
    expect(json.errors[0].detail).to.equal("Ce n'est pas une adresse e-mail à laquelle nous pouvons écrire.");
    const refused = await send("%PDF-1.7", "check", { "Accept-Language": "fr" });
    expect([refused.status, refused.json.title]).to.deep.equal([422, "Ce n'est pas un tableau lisible"]);
  });

  it("finds a person by reference, else by e-mail and name, and changes only what the row says", async () => {
    await report(book(paul, claire), "all");
    const [, before] = await all();
    const changed = await report(
      book(
        ["Paul", "Leroi", "leroi@client.example", "", "", "", "C7"],
        ["CLAIRE", "Dubœuf", "Claire@client.example", "", "", "", "C8"],
      ),
      "all",
    );
    expect(changed.counts).to.include({ updated: 2 });
    const [adopted, renamed] = await all();
    expect(adopted).to.include({ externalId: "C8", firstName: "CLAIRE", phone: "+33612345678" });
    expect(renamed).to.include({
      id: before.id,
      lastName: "Leroi",
      phone: "+32470123456",
      company: "Roi SA",
      version: 2,
    });
  });

  it("tells which rows are one person, and which may be several contacts", async () => {
    const manager = ["Anne", "Roi", "anne@client.example", "", "", ""];
    const file = book(
      claire,
      ["claire", "DUBŒUF", "CLAIRE@client.example"],
      [...manager, "A"],
      [...manager, "B"],
      manager,
    );
    const told = await report(file, "good");
    expect(codes(told)).to.deep.equal(["3 row row_duplicate", "6 row contact_ambiguous"]);
    expect(told.errors[0].ofRow).to.equal(2);
    const ids = (await all()).filter(({ lastName }) => lastName === "Roi").map(({ id }) => id);
    expect(told.errors[1].contacts).to.have.members(ids);
    expect(await all()).to.have.length(3);
    expect((await report(file, "all")).applied).to.equal(false);
  });

  it("mends mobiles that the sheet made numbers of, where that is certain", async () => {
    const rows: Row[] = [612345678, 33612345678, "33612345678", "32470123456", "3,3612345678E+10"].map(
      (mobile, i) => ["P", "N", `p${i}@x.fr`, mobile],
    );
    const told = await report(book(...rows), "all");
    expect(codes(told)).to.deep.equal([]);
    expect((await all()).map(({ phone }) => phone).sort()).to.deep.equal(
      ["+33612345678", "+33612345678", "+33612345678", "+33612345678", "+32470123456"].sort(),
    );
    expect(told.mended.map(({ row, to }: Json) => [row, to])).to.deep.include.members([
      [2, "+33612345678"],
      [3, "+33612345678"],
      [5, "+32470123456"],
    ]);
    const lost = await report(
      book(
        ["P", "N", "a@x.fr", "3,3612E+10"],
        ["P", "N", "b@x.fr", 33612000000],
        ["P", "N", "c@x.fr", 123456789],
        ["P", "N", "d@x.fr", 0.5],
      ),
    );
    expect(codes(lost)).to.deep.equal([
      "2 phone phone_digits_lost",
      "3 phone phone_digits_lost",
      "4 phone phone_not_mobile",
      "5 phone phone_not_a_number",
    ]);
  });

  it("reads columns in any order, in French or English, and tells which it ignores", async () => {
    const told = await report(
      "Mobile;Tél. fixe;EMAIL;Surname;First name *\n0612345678;0123456789;c@x.fr;Roi;Zoé\n",
      "all",
    );
    expect(told).to.include({ format: "csv", separator: ";", encoding: "utf-8" });
    expect(told.ignoredColumns).to.deep.equal(["Tél. fixe"]);
    expect((await all())[0]).to.include({ firstName: "Zoé", lastName: "Roi", phone: "+33612345678" });
    const { status, json } = await send("Nom;Nom;Mobile\nx;y;z\n");
    expect([status, json.code]).to.deep.equal([422, "contacts_columns"]);
    expect(json.errors.map(({ field, code }: Json) => [field, code])).to.deep.equal([
      ["columns/Prénom", "required"],
      ["columns/Nom", "column_duplicate"],
      ["columns/E-mail", "required"],
    ]);
  });

  it("gives the same report to the same Idempotency-Key, and does nothing again", async () => {
    const headers = { "Idempotency-Key": "one" };
    const first = await send(book(claire), "all", headers);
    const [both, again] = await Promise.all([
      send(book(claire), "all", headers),
      send(book(claire), "all", headers),
    ]);
    expect([both.json, again.json]).to.deep.equal([first.json, first.json]);
    expect((await send(book(claire), "good", headers)).json.code).to.equal("idempotency_key_reused");
    expect((await send(book(paul), "all", headers)).json.code).to.equal("idempotency_key_reused");
  });

  it("of one firm finds and changes nothing of another's, not even under its Idempotency-Key", async () => {
    const headers = { "Idempotency-Key": "one" };
    await send(book(paul), "all", headers);
    const before = await all();
    const theirs = await call(`${door.url}/v1/contacts/imports?mode=all`, {
      bearer: keys.rival,
      body: book(["Paul", "Autre", "other@x.be", "0470 12 34 57", "", "", "C7"]),
      headers: { "Content-Type": "application/octet-stream", ...headers },
    });
    expect(theirs.json.counts).to.include({ created: 1 });
    expect(await all()).to.deep.equal(before);
  });

  it("takes 10,000 rows and refuses one more, 5 MB and a byte, forms, and an empty body", async () => {
    const rows = Array.from({ length: 10_000 }, (_, i) => `P${i};N;p${i}@x.fr;06${String(10_000_000 + i)}`);
    const file = `Prénom;Nom;E-mail;Mobile\n${rows.join("\n")}\n`;
    expect((await report(file, "all")).counts).to.include({ created: 10_000 });
    const more = await send(`${file}P;N;p@x.fr;\n`);
    expect(more.json).to.include({ code: "spreadsheet_too_many_rows", maxRows: 10_000 });
    const large = await send(Buffer.alloc(5 * 1024 * 1024 + 1, "a"));
    expect([large.status, large.json.code]).to.deep.equal([413, "spreadsheet_too_large"]);
    const form = await send("--x", "check", { "Content-Type": "multipart/form-data; boundary=x" });
    expect(form.status).to.equal(415);
    expect((await send(new Uint8Array())).json.code).to.equal("spreadsheet_empty");
    expect(await door.temporaryFiles()).to.deep.equal([]);
  });

  it("takes back what was exported, with its formulas that are none", async () => {
    const hostile: Row = [
      "=cmd|' /C calc'!A0",
      "@SUM(1)",
      "x@x.fr",
      "0612345678",
      "",
      "-1+1",
      "+7",
      "",
      '\'=a;b "c"',
    ];
    await report(book(hostile, paul, ["'t", "Hooft", "t@x.fr"]), "all");
    const contacts = await all();
    const exported = await call(`${door.url}/v1/contacts.csv`, { bearer: keys.cabinet });
    expect(exported.headers.get("Content-Type")).to.equal("text/csv; charset=utf-8");
    const bytes = new Uint8Array(
      await (
        await fetch(`${door.url}/v1/contacts.csv`, { headers: { Authorization: `Bearer ${keys.cabinet}` } })
      ).arrayBuffer(),
    );
    expect([...bytes.subarray(0, 3)]).to.deep.equal([0xef, 0xbb, 0xbf]);
    const lines = exported.text.trim().split("\r\n");
    for (const cell of lines.flatMap((line) => line.split(";"))) expect(cell).not.to.match(/^"?[=+\-@\t]/);
    const told = await report(bytes, "all");
    expect(told.counts).to.include({ unchanged: 3, bad: 0 });
    expect(await all()).to.deep.equal(contacts);
    for (const { id } of contacts) {
      await call(`${door.url}/v1/contacts/${id}`, { method: "DELETE", bearer: keys.cabinet });
    }
    await report(bytes, "all");
    const values = ({ id: _, createdAt: __, updatedAt: ___, version: ____, ...rest }: Json) => rest;
    expect((await all()).map(values)).to.deep.equal(contacts.map(values));
  });

  it("takes the template as it was filled in, without its example", async () => {
    for (const language of ["fr", "en"]) {
      const url = `${door.url}/v1/contacts/template.xlsx?language=${language}`;
      const answer = await fetch(url, { headers: { Authorization: `Bearer ${keys.cabinet}` } });
      const template = readBook(new Uint8Array(await answer.arrayBuffer()), { cellStyles: true });
      const sheet = template.Sheets["Contacts"];
      if (sheet === undefined) throw new Error("no sheet");
      const row = ["Zoé", "Abel", `zoe-${language}@x.fr`, "0612345678", "France (FR)", "", "", "", "x"];
      utils.sheet_add_aoa(sheet, [row], { origin: 2 });
      const filled = aBook("xlsx", [[]], (one) => {
        one.SheetNames = template.SheetNames;
        one.Sheets = template.Sheets;
      });
      expect((await report(filled, "all")).counts).to.include({ created: 1, commented: 1, bad: 0 });
    }
  });
});
