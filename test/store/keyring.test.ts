import { expect } from "chai";
import { Terminal } from "../../src/actors/runtime/errors.ts";
import { thrownBy } from "../support/thrown.ts";
import { onEachStore } from "./on-each-store.ts";
import type { OpenedStore } from "./open-store.ts";

const cabinet = { name: "Cabinet Élan", email: "contact@elan.example", country: "FR" };
const year = 365 * 86_400_000;

const aKey = (word: string) => ({
  pkcs8: Buffer.from(`key ${word}`),
  certificateDer: Buffer.from(`certificate ${word}`),
  chainDer: [Buffer.from(`issuer of ${word}`), Buffer.from("its issuer")],
});

onEachStore("the keyring", (open) => {
  let opened: OpenedStore;
  let nextYear: number;
  beforeEach(async () => {
    opened = await open();
    nextYear = opened.clock.now() + year;
  });
  afterEach(() => opened.close());

  /** As another process would. */
  const written = (statement: string) =>
    opened.beside((database) => database.transaction((writer) => writer.run(statement)));

  it("gives a key back to another process with the same secret", async () => {
    const { store } = opened;
    const { keyId } = await store.keyring.add("member-1", aKey("one"), nextYear);
    const other = await opened.another();
    try {
      expect(await other.keyring.ownedBy("member-1")).to.deep.equal({ keyId, ...aKey("one") });
    } finally {
      await other.close();
    }
  });

  it("refuses a second living certificate of the same owner", async () => {
    const { keyring } = opened.store;
    await keyring.add("member-1", aKey("one"), nextYear);
    const refused = await thrownBy(keyring.add("member-1", aKey("two"), nextYear));
    expect(refused).to.have.property("name", "SequelizeUniqueConstraintError");
    expect(Buffer.from((await keyring.ownedBy("member-1")).pkcs8 ?? []).toString()).to.equal("key one");
    await keyring.add("member-2", aKey("two"), nextYear);
  });

  it("says that an owner has no certificate", async () => {
    const { keyring } = opened.store;
    expect(await keyring.find("member-9")).to.equal(undefined);
    for (const work of [() => keyring.ownedBy("member-9"), keyring.rootDer, keyring.issuingAuthority]) {
      const thrown = await thrownBy(work());
      expect(thrown).to.be.instanceOf(Terminal).and.to.have.property("code", "no_certificate");
    }
  });

  it("uses a certificate to its last moment, and never after, though it was used just before", async () => {
    const { store, clock } = opened;
    await store.keyring.add("member-1", aKey("one"), clock.now() + 1_000);
    clock.advance(999);
    expect(await store.keyring.ownedBy("member-1")).to.be.an("object");
    clock.advance(1);
    expect(await thrownBy(store.keyring.ownedBy("member-1"))).to.have.property("code", "no_certificate");
  });

  it("lets a new certificate take the place of one that has run out", async () => {
    const { store, clock } = opened;
    await store.keyring.add("member-1", aKey("one"), clock.now() + 1_000);
    clock.advance(1_000);
    await store.keyring.add("member-1", aKey("two"), nextYear);
    expect(Buffer.from((await store.keyring.ownedBy("member-1")).pkcs8 ?? []).toString()).to.equal("key two");
  });

  it("forgets at once a certificate that another process revoked", async () => {
    const { store } = opened;
    await store.keyring.add("member-1", aKey("one"), nextYear);
    expect(await store.keyring.ownedBy("member-1")).to.be.an("object");
    await written("UPDATE certificates SET revoked_at = 1");
    expect(await thrownBy(store.keyring.ownedBy("member-1"))).to.have.property("code", "no_certificate");
  });
});

onEachStore("what is added to the store together", (open) => {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  it("is there afterwards", async () => {
    const { store, clock } = opened;
    const firm = await store.together(async ({ directory, keyring }) => {
      const added = await directory.addFirm(cabinet);
      await keyring.add(added.id, aKey("seal"), clock.now() + year);
      await directory.addApiKey(added.id);
      return added;
    });
    expect(await store.directory.firm(firm.id)).to.deep.equal(firm);
    expect(await store.keyring.ownedBy(firm.id)).to.be.an("object");
  });

  it("is not there at all when one of it fails", async () => {
    const { store, clock } = opened;
    await store.keyring.add("taken", aKey("one"), clock.now() + year);
    let id = "";
    const refused = await thrownBy(
      store.together(async ({ directory, keyring }) => {
        ({ id } = await directory.addFirm(cabinet));
        await keyring.add(id, aKey("seal"), clock.now() + year);
        await keyring.add("taken", aKey("two"), clock.now() + year);
      }),
    );
    expect(refused).to.be.instanceOf(Error);
    expect(id).to.match(/^firm_/);
    expect(await store.directory.firm(id)).to.equal(undefined);
    expect(await store.keyring.find(id)).to.equal(undefined);
  });

  it("waits for what another process adds together, and sees it", async () => {
    const { store, clock } = opened;
    const other = await opened.another();
    try {
      const makeOne = (word: string) => (one: Pick<typeof store, "keyring">) =>
        one.keyring
          .find("root")
          .then((found) => found ?? one.keyring.add("root", aKey(word), clock.now() + year));
      const [one, two] = await Promise.all([store.together(makeOne("one")), other.together(makeOne("two"))]);
      expect(one.keyId).to.equal(two.keyId);
    } finally {
      await other.close();
    }
  });
});
