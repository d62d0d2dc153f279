import { expect } from "chai";
import type { Message, Outcome } from "../../src/actors/runtime/ports.ts";
import { aCollecte } from "../support/collecte-builder.ts";
import { aMessage, parked, write } from "./changes.ts";
import { collecteCommitter, live } from "./lives.ts";
import { onEachStore } from "./on-each-store.ts";
import type { OpenedStore } from "./open-store.ts";

onEachStore("a row that can't be read any more", (open) => {
  let opened: OpenedStore;

  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  const damage = (statement: string) =>
    opened.beside((database) => database.transaction((writer) => writer.run(statement)));

  function launch(id: string): Message {
    return { id: `launch ${id}`, actorId: id, kind: "collecte", firmId: "firm", command: launchCommand() };
  }

  const launchCommand = () => ({ type: "LaunchCollecte", at: opened.clock.now() });

  it("fails its own collecte's messages, not the group that they came with", async () => {
    const { store, clock } = opened;
    for (const id of ["col-1", "col-2", "col-3"]) await live(store.journal, clock, id, aCollecte());
    await damage(`UPDATE actors SET state = '{"personal":"AAAA"}' WHERE id = 'col-2'`);
    const committer = collecteCommitter(store.journal, clock);
    const outcomes: Outcome[] = await Promise.all(
      ["col-1", "col-2", "col-3"].map((id) => committer.accept(launch(id))),
    );
    await committer.stop();
    expect(outcomes.map(({ status }) => status)).to.deep.equal(["done", "accepted", "done"]);
  });

  it("is set aside when it is mail, and the rest of its part goes on", async () => {
    const { store, clock } = opened;
    await live(store.journal, clock, "col-1", aCollecte());
    const odd = aMessage("odd", { actorId: "col-1" });
    await write(store.journal, { park: [parked(odd)] });
    await damage("UPDATE mailbox SET payload = 'AAAA'");
    const committer = collecteCommitter(store.journal, clock);
    expect(await committer.accept(launch("col-1"))).to.deep.equal({ status: "done", version: 2 });
    await committer.stop();
    expect(await store.reads.dueParts(clock.now())).to.deep.equal([]);
  });

  it("does not shorten the list of mail that it stood in: who takes that for the last decides out of order", async () => {
    const { store, clock } = opened;
    await write(store.journal, {
      park: ["odd", "m-2", "m-3"].map((id) => parked(aMessage(id, { actorId: "col-1" }))),
    });
    await damage("UPDATE mailbox SET payload = 'AAAA' WHERE message_id = 'odd'");
    const { part } = parked(aMessage("any", { actorId: "col-1" }));
    const mail = await store.journal.transaction((tx) => tx.mail([part], clock.now(), 2));
    expect(mail.map(({ message }) => message.id)).to.deep.equal(["m-2", "m-3"]);
  });
});
