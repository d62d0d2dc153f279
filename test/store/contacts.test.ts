import { expect } from "chai";
import type { ContactFields, ImportOrder } from "../../src/actors/runtime/ports.ts";
import { onEachStore } from "./on-each-store.ts";
import type { OpenedStore } from "./open-store.ts";

const claire: ContactFields = { firstName: "Claire", lastName: "Canary", email: "c@x.fr", language: "fr" };
const order = (rows: Partial<ContactFields>[]): ImportOrder => ({
  mode: "all",
  rows: rows.map((fields, i) => ({ row: i + 2, fields: { ...claire, ...fields } })),
  hasBadRows: false,
  told: { value: "Canary" },
});

onEachStore("the address books", (open) => {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  it("have one contact of a person, though several processes add them at once", async () => {
    const { store } = opened;
    const other = await opened.another();
    const people = Array.from({ length: 20 }, (_, i) => ({ ...claire, email: `p${i}@x.fr` }));
    const added = await Promise.all(
      people.flatMap((one) => [store.contacts.add("firm-a", one), other.contacts.add("firm-a", one)]),
    );
    await other.close();
    expect(added.filter(({ ok }) => ok)).to.have.length(20);
    const { contacts } = await store.contacts.page("firm-a", { limit: 100 });
    expect(new Set(contacts.map(({ email }) => email)).size).to.equal(20);
    expect(contacts).to.have.length(20);
  });

  it("import once, though the same request comes to several processes at once", async () => {
    const other = await opened.another();
    const name = { id: "imp_1", fingerprint: "f" };
    const rows = order(Array.from({ length: 300 }, (_, i) => ({ externalId: `C${i}` })));
    const [one, two] = await Promise.all([
      opened.store.contacts.import("firm-a", rows, name),
      other.contacts.import("firm-a", rows, name),
    ]);
    await other.close();
    expect(one).to.deep.equal(two);
    expect(one.outcomes.every(({ outcome }) => outcome === "created")).to.equal(true);
  });

  it("keep answers for a week, unreadable in the table", async () => {
    const { contacts } = opened.store;
    const name = { id: "imp_1", fingerprint: "f" };
    const first = await contacts.import("firm-a", order([{}]), name);
    const kept = () =>
      opened.beside(({ reader }) => reader.all<{ answer: string }>("SELECT answer FROM contact_requests"));
    expect(JSON.stringify(await kept())).not.to.contain("Canary");
    expect(await contacts.import("firm-a", order([{}]), name)).to.deep.equal(first);
    opened.clock.advance(7 * 24 * 3_600_000 + 1);
    await contacts.add("firm-b", claire, { id: "new_1", fingerprint: "f" });
    expect(await kept()).to.have.length(1);
  });

  it("can't be written into by an id of another firm", async () => {
    const { contacts } = opened.store;
    const added = await contacts.add("firm-a", claire);
    if (!added.ok) throw new Error(added.code);
    const { id } = added.contact;
    expect(await contacts.change("firm-b", id, { notes: "x" })).to.deep.equal({
      ok: false,
      code: "not_found",
    });
    expect(await contacts.remove("firm-b", id)).to.equal("not_found");
    expect(await contacts.find("firm-b", [id])).to.deep.equal([]);
    expect(await contacts.find("firm-a", [id, "con_no", id])).to.deep.equal([added.contact, added.contact]);
  });
});
