import { expect } from "chai";
import { scopeNames } from "../../src/actors/runtime/scopes.ts";
import { digestOf } from "../../src/actors/runtime/secrets.ts";
import type { Connection } from "../../src/store/database.ts";
import { createDirectory } from "../../src/store/directory.ts";
import { defineModels } from "../../src/store/models.ts";
import { thrownBy } from "../support/thrown.ts";
import { onEachStore } from "./on-each-store.ts";
import { type OpenedStore, secretsOfTests } from "./open-store.ts";

const cabinet = { name: "Cabinet Élan", email: "contact@elan.example", country: "FR" };
const expert = { firstName: "Zoé", lastName: "Müller", email: "zoe@elan.example", phone: "+33612345678" };

onEachStore("the directory", (open) => {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  it("gives a firm and its members back as they were added", async () => {
    const { directory } = opened.store;
    const firm = await directory.addFirm(cabinet);
    const member = await directory.addMember({ firmId: firm.id, ...expert });
    expect(await directory.firm(firm.id)).to.deep.equal({ id: firm.id, ...cabinet, settings: {} });
    expect(await directory.member(firm.id, member.id)).to.deep.equal({
      id: member.id,
      firmId: firm.id,
      ...expert,
      role: "expert",
      version: 1,
    });
    expect(await directory.members(firm.id)).to.deep.equal([member]);
    expect(await directory.firm("firm_of_nobody")).to.equal(undefined);
  });

  it("says which firm may send documents with files in them, within seconds", async () => {
    const { directory } = opened.store;
    const firm = await directory.addFirm(cabinet);
    expect(await directory.firm(firm.id)).not.to.have.property("allowsEmbeddedFiles");
    expect(await directory.allowEmbeddedFiles(firm.id, true)).to.equal(true);
    opened.clock.advance(6_000);
    expect(await directory.firm(firm.id)).to.deep.equal({
      id: firm.id,
      ...cabinet,
      settings: {},
      allowsEmbeddedFiles: true,
    });
    expect(await directory.allowEmbeddedFiles(firm.id, false)).to.equal(true);
    opened.clock.advance(6_000);
    expect(await directory.firm(firm.id)).not.to.have.property("allowsEmbeddedFiles");
    expect(await directory.allowEmbeddedFiles("firm_of_nobody", true)).to.equal(false);
  });

  it("keeps the last logo of a firm, until it is removed", async () => {
    const { directory, logos } = opened.store;
    const firm = await directory.addFirm(cabinet);
    expect(await directory.logo(firm.id)).to.equal(undefined);
    await logos.put(firm.id, Buffer.from("one"));
    expect(await directory.logo(firm.id)).to.deep.equal(Buffer.from("one"));
    await logos.put(firm.id, Buffer.from([0, 255, 3]));
    opened.clock.advance(5_000);
    expect(await directory.logo(firm.id)).to.deep.equal(Buffer.from([0, 255, 3]));
    expect(await logos.read(firm.id)).to.deep.equal(Buffer.from([0, 255, 3]));
    await logos.remove(firm.id);
    await logos.remove(firm.id);
    expect(await logos.read(firm.id)).to.equal(undefined);
    expect(await thrownBy(logos.put("firm_x", Buffer.from("x")))).to.be.instanceOf(Error);
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
    expect(await directory.apiKey(digestOf(apiKey))).to.deep.equal({
      keyId: id,
      firmId: firm.id,
      scopes: scopeNames,
    });
    expect(await directory.apiKey(apiKey)).to.equal(undefined);
    expect(await directory.apiKey(digestOf(`${apiKey}x`))).to.equal(undefined);
  });

  it("forgets a revoked key within seconds", async () => {
    const { store, clock } = opened;
    const firm = await store.directory.addFirm(cabinet);
    const { apiKey } = await store.directory.addApiKey(firm.id);
    expect(await store.directory.apiKey(digestOf(apiKey))).to.be.an("object");
    await opened.beside((database) =>
      database.transaction((writer) => writer.run("UPDATE api_keys SET revoked_at = 1")),
    );
    clock.advance(5_000);
    expect(await store.directory.apiKey(digestOf(apiKey))).to.equal(undefined);
  });

  it("finds at once a firm that was not there a moment ago", async () => {
    const { store } = opened;
    expect(await store.directory.apiKey(digestOf("ck_x"))).to.equal(undefined);
    const other = await opened.another();
    try {
      const firm = await other.directory.addFirm(cabinet);
      expect(await store.directory.firm(firm.id)).to.have.property("name", cabinet.name);
    } finally {
      await other.close();
    }
  });

  it("looks once for all who ask at the same time", async () => {
    const { store, clock } = opened;
    const firm = await store.directory.addFirm(cabinet);
    const { apiKey } = await store.directory.addApiKey(firm.id);
    await opened.beside(async (database) => {
      let reads = 0;
      const all: Connection["all"] = (sql, ...values) => {
        reads += 1;
        return database.reader.all(sql, ...values);
      };
      const reader = { ...database.reader, all };
      const directory = createDirectory({ reader }, defineModels(database.sequelize), secretsOfTests, clock);
      const askAll = () => Promise.all(Array.from({ length: 50 }, () => directory.apiKey(digestOf(apiKey))));
      const owners = await askAll();
      expect(new Set(owners.map((owner) => owner?.firmId))).to.deep.equal(new Set([firm.id]));
      expect(reads).to.equal(1);
      clock.advance(5_000);
      await askAll();
      expect(reads).to.equal(2);
      await directory.apiKey("unknown");
      await directory.apiKey("unknown");
      expect(reads).to.equal(4);
    });
  });
});
