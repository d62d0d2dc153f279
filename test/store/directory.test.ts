import { expect } from "chai";
import { Terminal } from "../../src/actors/runtime/errors.ts";
import { digestOf } from "../../src/actors/runtime/secrets.ts";
import { openStore } from "../../src/store/store.ts";
import { thrownBy } from "./changes.ts";
import { type OpenedStore, openTemporaryStore, secretsOfTests } from "./open-store.ts";

const cabinet = { name: "Cabinet Élan", email: "contact@elan.example", country: "FR" };
const expert = { firstName: "Zoé", lastName: "Müller", email: "zoe@elan.example", phone: "+33612345678" };

describe("the directory", () => {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await openTemporaryStore();
  });
  afterEach(() => opened.close());

  it("gives a firm and its members back as they were added", async () => {
    const { directory } = opened.store;
    const firm = await directory.addFirm(cabinet);
    const member = await directory.addMember({ firmId: firm.id, ...expert });
    expect(await directory.firm(firm.id)).to.deep.equal({ id: firm.id, ...cabinet });
    expect(await directory.member(firm.id, member.id)).to.deep.equal({
      id: member.id,
      firmId: firm.id,
      ...expert,
    });
    expect(await directory.members(firm.id)).to.deep.equal([member]);
    expect(await directory.firm("firm_of_nobody")).to.equal(undefined);
  });

  it("shows no member to another firm", async () => {
    const { directory } = opened.store;
    const firm = await directory.addFirm(cabinet);
    const other = await directory.addFirm({ ...cabinet, name: "Autre" });
    const member = await directory.addMember({ firmId: firm.id, ...expert });
    expect(await directory.member(other.id, member.id)).to.equal(undefined);
    expect(await directory.members(other.id)).to.deep.equal([]);
  });

  it("takes no member and no key of a firm that isn't there", async () => {
    const { directory } = opened.store;
    expect(await thrownBy(directory.addMember({ firmId: "firm_x", ...expert }))).to.be.instanceOf(Error);
    expect(await thrownBy(directory.addApiKey("firm_x"))).to.be.instanceOf(Error);
  });

  it("finds the firm of an API key by the key's digest", async () => {
    const { directory } = opened.store;
    const firm = await directory.addFirm(cabinet);
    const { id, apiKey } = await directory.addApiKey(firm.id);
    expect(apiKey).to.match(/^ck_[\w-]{43}$/);
    expect(await directory.apiKey(digestOf(apiKey))).to.deep.equal({ keyId: id, firmId: firm.id });
    expect(await directory.apiKey(apiKey)).to.equal(undefined);
    expect(await directory.apiKey(digestOf(`${apiKey}x`))).to.equal(undefined);
  });

  it("forgets a revoked key within seconds", async () => {
    const { store, clock, file } = opened;
    const firm = await store.directory.addFirm(cabinet);
    const { apiKey } = await store.directory.addApiKey(firm.id);
    expect(await store.directory.apiKey(digestOf(apiKey))).to.be.an("object");
    const { openSqlite } = await import("../../src/store/sqlite/database.ts");
    const database = await openSqlite(file);
    await database.transaction((writer) => writer.run("UPDATE api_keys SET revoked_at = 1"));
    await database.close();
    clock.advance(5_000);
    expect(await store.directory.apiKey(digestOf(apiKey))).to.equal(undefined);
  });

  it("finds at once a firm that was not there a moment ago", async () => {
    const { store, folder, clock } = opened;
    expect(await store.directory.apiKey(digestOf("ck_x"))).to.equal(undefined);
    const other = await openStore(folder, secretsOfTests, clock);
    try {
      const firm = await other.directory.addFirm(cabinet);
      expect(await store.directory.firm(firm.id)).to.have.property("name", cabinet.name);
    } finally {
      await other.close();
    }
  });
});

describe("the keyring", () => {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await openTemporaryStore();
  });
  afterEach(() => opened.close());

  const aKey = (word: string) => ({
    pkcs8: Buffer.from(`key ${word}`),
    certificateDer: Buffer.from(`certificate ${word}`),
    chainDer: [Buffer.from(`issuer of ${word}`), Buffer.from("its issuer")],
  });

  it("gives a key back to another process with the same secret", async () => {
    const { store, folder, clock } = opened;
    const { keyId } = await store.keyring.add("member-1", aKey("one"), clock.now());
    const other = await openStore(folder, secretsOfTests, clock);
    try {
      expect(await other.keyring.ownedBy("member-1")).to.deep.equal({ keyId, ...aKey("one") });
    } finally {
      await other.close();
    }
  });

  it("refuses a second living certificate of the same owner", async () => {
    const { keyring } = opened.store;
    await keyring.add("member-1", aKey("one"), 1);
    const refused = await thrownBy(keyring.add("member-1", aKey("two"), 1));
    expect(refused).to.have.property("name", "SequelizeUniqueConstraintError");
    expect((await keyring.ownedBy("member-1")).pkcs8.toString()).to.equal("key one");
    await keyring.add("member-2", aKey("two"), 1);
  });

  it("says that an owner has no certificate", async () => {
    const { keyring } = opened.store;
    expect(await keyring.find("member-9")).to.equal(undefined);
    for (const work of [keyring.ownedBy("member-9"), keyring.rootDer(), keyring.issuingAuthority()]) {
      const thrown = await thrownBy(work);
      expect(thrown).to.be.instanceOf(Terminal).and.to.have.property("code", "no_certificate");
    }
  });
});
