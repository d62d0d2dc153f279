import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { createSecrets } from "../../src/actors/runtime/secrets.ts";
import { openStore } from "../../src/store/store.ts";
import { thrownBy } from "../support/thrown.ts";
import { base64Forms, expectNoCanary, liveWithCanaries } from "./canaries.ts";
import { canaries, canaryDraft, live, personOfCanaries } from "./lives.ts";
import { type OpenedStore, openTemporaryStore, secretsOfTests } from "./open-store.ts";

describe("what the disk tells about people", () => {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await openTemporaryStore();
  });
  afterEach(() => opened.close());

  it("is nothing, in database and WAL, after a full life with waiting mail and dead letters", async () => {
    const { store, clock, folder } = opened;
    await liveWithCanaries(store.journal, clock);
    const bytes = await everyByte(folder);
    expect(bytes.includes("CollecteRefused"), "the files were read").to.equal(true);
    expect(bytes.includes("unknown-kind"), "the mailbox was read").to.equal(true);
    expectNoCanary(bytes);
  });

  it("comes back whole for those who may read it", async () => {
    const { store, clock } = opened;
    await live(store.journal, clock, "col-1", canaryDraft().launched());
    const { state } = (await store.reads.collecte("firm", "col-1")) ?? expect.fail();
    const { title, message, fileName } = canaries;
    const documentNames = { d1: fileName };
    expect(state.personal).to.deep.equal({ title, message, people: { s1: personOfCanaries }, documentNames });
    const [created] = await store.reads.history("firm", "col-1");
    expect(created?.data).to.have.nested.property("personal.people.s1.email", canaries.email);
  });

  it("stays closed under another secret", async () => {
    const { store, clock, folder } = opened;
    await live(store.journal, clock, "col-1", canaryDraft());
    await store.keyring.add("root", aKey(), clock.now() + 1);
    const other = await openStore(folder, createSecrets(Buffer.alloc(32, "another secret")), clock);
    try {
      expect(await thrownBy(other.reads.collecte("firm", "col-1"))).to.be.instanceOf(Error);
      expect(await thrownBy(other.keyring.find("root"))).to.be.instanceOf(Error);
      expect(await other.reads.recordIsWhole("col-1"), "the chain needs no secret").to.equal(true);
    } finally {
      await other.close();
    }
  });

  it("holds no private key and no API key in clear", async () => {
    const { store, clock, folder } = opened;
    const key = aKey();
    await store.keyring.add("member-1", key, clock.now());
    const firm = await store.directory.addFirm({
      name: "Cabinet",
      email: "c@cabinet.example",
      country: "FR",
    });
    const { apiKey } = await store.directory.addApiKey(firm.id);
    const bytes = await everyByte(folder);
    expect(bytes.includes(Buffer.from(key.certificateDer).toString("base64")), "the table was read").to.equal(
      true,
    );
    const secret = Buffer.from(key.pkcs8);
    for (const form of [
      secret,
      secret.toString("base64"),
      secret.toString("hex"),
      ...base64Forms(key.pkcs8),
    ]) {
      expect(bytes.includes(form)).to.equal(false);
    }
    expect(bytes.includes(apiKey)).to.equal(false);
    expect(bytes.includes(apiKey.slice(3))).to.equal(false);
  });

  it("is told under the collecte's own key: without it nothing can be read, and the chain stays whole", async () => {
    const { store, clock, folder } = opened;
    await live(store.journal, clock, "col-1", canaryDraft().launched());
    const { openSqlite } = await import("../../src/store/sqlite/database.ts");
    const database = await openSqlite(join(folder, "collecte.sqlite"));
    await database.transaction((writer) => writer.run("DELETE FROM actor_keys"));
    await database.close();
    const other = await openStore(folder, secretsOfTests, clock);
    try {
      const view = await other.reads.collecte("firm", "col-1");
      expect(view?.state.personal).to.deep.equal({ title: "", people: {} });
      expect(JSON.stringify(await other.reads.history("firm", "col-1"))).not.to.contain("anary");
      expect(await other.reads.recordIsWhole("col-1")).to.equal(true);
    } finally {
      await other.close();
    }
  });
});

function aKey() {
  const pkcs8 = Buffer.from("a private key in DER, which nobody may find on the disk");
  return { pkcs8, certificateDer: Buffer.from("a certificate, for all to see"), chainDer: [] };
}

async function everyByte(folder: string): Promise<Buffer> {
  const names = (await readdir(folder)).filter((name) => name.startsWith("collecte.sqlite"));
  expect(names).to.include.members(["collecte.sqlite", "collecte.sqlite-wal"]);
  return Buffer.concat(await Promise.all(names.map((name) => readFile(join(folder, name)))));
}
