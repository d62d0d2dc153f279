import { createHash } from "node:crypto";
import { access, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { collecteDecider } from "../../src/actors/collecte/decider.ts";
import { parapheurDecider } from "../../src/actors/parapheur/decider.ts";
import { createCommitter } from "../../src/actors/runtime/committer.ts";
import { codeOf } from "../../src/actors/runtime/errors.ts";
import { lawsOf } from "../../src/actors/runtime/laws.ts";
import type { Leaving } from "../../src/actors/runtime/ports.ts";
import { letGo } from "../../src/actors/runtime/removal.ts";
import { usesIn } from "../../src/store/blob-uses.ts";
import { creation } from "../support/collecte-builder.ts";
import { thrownBy } from "../support/thrown.ts";
import { canaryDraft, collecteCommitter, live } from "./lives.ts";
import { onEachStore } from "./on-each-store.ts";
import type { OpenedStore } from "./open-store.ts";

const day = 24 * 3_600_000;
const digest = (text: string) => createHash("sha256").update(text).digest("hex");
const shared = digest("general conditions");

onEachStore("what leaves a store", (open) => {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  async function put(text: string): Promise<string> {
    const path = opened.store.blobs.temporaryPath();
    await writeFile(path, text);
    await opened.store.blobs.adopt(path, digest(text));
    return digest(text);
  }

  const upload = (id: string, sha256 = shared, firmId = "firm") =>
    opened.store.documents.add({ id, firmId, name: `${id}.pdf`, sha256, bytes: 18, pages: 1 });

  /** A collecte with this one upload, as the door makes it; answers what became of it. */
  async function create(actorId: string, id: string, sha256 = shared, firmId = "firm") {
    const { journal } = opened.store;
    const committer = collecteCommitter(journal, opened.clock);
    const command = { ...creation(), firmId, documents: [{ id, sha256, bytes: 18, pages: 1 }] };
    const outcome = await committer.accept({
      id: `${actorId}:0`,
      actorId,
      kind: "collecte",
      firmId,
      command,
    });
    await committer.stop();
    return outcome;
  }

  const documentsOf = (actorId: string, id: string, firmId = "firm"): Leaving => ({
    of: { actorId, firmId, what: "documents" },
    uploads: [id],
    sha256s: [shared],
  });
  const go = (leaving: Leaving) => letGo({ ...opened.store, clock: opened.clock }, leaving);

  it("is a document once nobody has it, of any firm, and not before", async () => {
    const { blobs, documents } = opened.store;
    await put("general conditions");
    await upload("doc-1");
    await upload("doc-2", shared, "other");
    await create("col-1", "doc-1");
    await create("col-2", "doc-1");
    await create("col-3", "doc-2", shared, "other");
    expect(await go(documentsOf("col-1", "doc-1"))).to.deep.equal({ removed: 0, kept: 1 });
    expect(await documents.find("firm", ["doc-1"]), "col-2 has it too").to.have.length(1);
    expect(await go(documentsOf("col-2", "doc-1"))).to.deep.equal({ removed: 0, kept: 1 });
    expect(await documents.find("firm", ["doc-1"]), "with its name").to.deep.equal([]);
    expect(await blobs.has(shared), "the other firm needs it").to.equal(true);
    expect(await go(documentsOf("col-3", "doc-2", "other"))).to.deep.equal({ removed: 1, kept: 0 });
    expect(await blobs.has(shared)).to.equal(false);
    expect(await go(documentsOf("col-3", "doc-2", "other")), "again").to.deep.equal({ removed: 1, kept: 0 });
  });

  it("is kept for an upload that nobody has used yet", async () => {
    await put("general conditions");
    await upload("doc-1");
    await create("col-1", "doc-1");
    await upload("doc-9", shared, "other");
    expect(await go(documentsOf("col-1", "doc-1"))).to.deep.equal({ removed: 0, kept: 1 });
    expect(await opened.store.blobs.has(shared)).to.equal(true);
  });

  it("can't be named by an upload or a collecte while it is being removed, and anew after that", async () => {
    const { retention, blobs, documents } = opened.store;
    await put("general conditions");
    await upload("doc-1");
    await create("col-1", "doc-1");
    const { condemned } = await retention.leave(documentsOf("col-1", "doc-1"), opened.clock.now());
    expect(condemned).to.deep.equal([shared]);
    expect(await thrownBy(upload("doc-2"))).to.have.property("code", "document_leaving");
    expect(await documents.find("firm", ["doc-2"])).to.deep.equal([]);
    expect(await create("col-2", "doc-1")).to.include({ status: "refused", code: "not_found" });
    expect(await opened.store.reads.collecte("firm", "col-2")).to.equal(undefined);

    await blobs.remove(shared);
    await retention.gone(condemned, opened.clock.now());
    expect(await create("col-3", "doc-1"), "what was looked up before").to.include({ status: "refused" });
    await put("general conditions");
    await upload("doc-3");
    expect(await create("col-4", "doc-3")).to.include({ status: "done" });
    expect(await blobs.has(shared)).to.equal(true);
  });

  it("is left to who removes it, for a minute; then another ends what was begun", async () => {
    const { retention, blobs } = opened.store;
    await put("general conditions");
    await retention.leave({ uploads: [], sha256s: [shared] }, opened.clock.now());
    expect(await thrownBy(go(documentsOf("col-1", "doc-1")))).to.have.property("code", "removal_in_hand");
    expect(await retention.leftovers(opened.clock.now())).to.deep.equal([]);
    opened.clock.advance(61_000);
    expect(await retention.leftovers(opened.clock.now())).to.deep.equal([shared]);
    expect(await go({ uploads: [], sha256s: [shared] })).to.deep.equal({ removed: 1, kept: 0 });
    expect(await retention.leftovers(opened.clock.now())).to.deep.equal([]);
    expect(await blobs.has(shared)).to.equal(false);
  });

  it("never leaves a collecte or an upload without its document, however purges, uploads and creations cross", async () => {
    const { blobs, documents } = opened.store;
    const committer = createCommitter({
      journal: opened.store.journal,
      laws: lawsOf(collecteDecider),
      clock: opened.clock,
      groupLimit: 10,
      queueLimit: 1_000,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      leaseLimits: {},
      leaseMs: 60_000,
      handOn: () => undefined,
    });
    let lost = 0;
    let made = 0;
    for (let round = 0; round < 12; round++) {
      const sha256 = digest(`round ${round}`);
      await put(`round ${round}`);
      await upload(`doc-${round}`, sha256);
      await create(`col-${round}`, `doc-${round}`, sha256);
      const document = { id: `doc-${round}`, sha256, bytes: 18, pages: 1 };
      const command = { ...creation(), firmId: "firm", documents: [document] };
      const twin = `twin-${round}`;
      const leaving = { ...documentsOf(`col-${round}`, `doc-${round}`), sha256s: [sha256] };
      const [, uploaded, outcome] = await Promise.all([
        // What an upload put back between its removal and the last look is left to the next try.
        go(leaving).catch((error: unknown) => {
          if (codeOf(error) !== "blob_not_removed") throw error;
        }),
        put(`round ${round}`)
          .then(() => upload(`again-${round}`, sha256))
          // As the door does: what has a name now stays, if it is there.
          .then(() => blobs.has(sha256))
          .catch(() => false),
        committer.accept({ id: `${twin}:0`, actorId: twin, kind: "collecte", firmId: "firm", command }),
      ]);
      const isThere = await blobs.has(sha256);
      if (outcome.status === "done") made++;
      if ((outcome.status === "done" || uploaded) && !isThere) lost++;
      if (uploaded) expect(await documents.find("firm", [`again-${round}`])).to.have.length(1);
    }
    await committer.stop();
    expect(lost).to.equal(0);
    expect(made).to.be.within(0, 12);
  });

  it("are links, dead letters and dead effects of a collecte, and nobody else's", async () => {
    await live(opened.store.journal, opened.clock, "col-1", canaryDraft().launched());
    await live(opened.store.journal, opened.clock, "col-2", canaryDraft().launched());
    const count = (sql: string) =>
      opened.beside(async (database) => (await database.reader.all<{ n: number }>(sql))[0]?.n);
    const links = (id: string) => count(`SELECT count(*) AS n FROM links WHERE collecte_id = '${id}'`);
    const before = await links("col-2");
    expect(await links("col-1"))
      .to.equal(before)
      .and.to.be.greaterThan(0);
    await opened.beside((database) =>
      database.transaction((writer) => writer.run("UPDATE outbox SET status = 'dead'")),
    );
    const dead = (id: string) => count(`SELECT count(*) AS n FROM outbox WHERE actor_id = '${id}'`);
    expect(await dead("col-1")).to.be.greaterThan(0);
    await opened.store.retention.clear("col-1");
    expect(await links("col-1")).to.equal(0);
    expect(await dead("col-1")).to.equal(0);
    expect(await links("col-2")).to.equal(before);
    expect(await dead("col-2")).to.be.greaterThan(0);
  });

  it("are people, for ever, and the record stays whole and readable without them", async () => {
    const { reads, retention, journal } = opened.store;
    await live(journal, opened.clock, "col-1", canaryDraft().launched());
    const other = await opened.another();
    try {
      const length = (await other.reads.history("firm", "col-1")).length;
      await retention.destroyKey("col-1");
      for (const one of [reads, other.reads]) {
        const view = await one.collecte("firm", "col-1");
        expect(view?.state.personal).to.deep.equal({ title: "", people: {} });
        expect(view?.state.status).to.equal("launched");
        const history = await one.history("firm", "col-1");
        expect(history).to.have.length(length);
        expect(JSON.stringify(history)).not.to.contain("canary");
        expect(await one.recordIsWhole("col-1")).to.equal(true);
        expect(await one.collectes("firm", { limit: 10 })).to.have.length(1);
      }
    } finally {
      await other.close();
    }
  });

  it("is not a key that was lost: a command for such a collecte is refused, and its group goes on", async () => {
    const { journal, retention } = opened.store;
    await live(journal, opened.clock, "col-1", canaryDraft());
    await retention.destroyKey("col-1");
    const committer = collecteCommitter(journal, opened.clock);
    const launch = { type: "LaunchCollecte" as const, at: opened.clock.now() };
    const message = { id: "m-1", actorId: "col-1", kind: "collecte", firmId: "firm", command: launch };
    const fresh = { ...creation(), firmId: "firm" };
    const [lost, fine] = await Promise.all([
      committer.accept(message),
      committer.accept({ ...message, id: "m-2", actorId: "col-2", command: fresh }),
    ]);
    await committer.stop();
    expect(lost.status, "it waits for another try").to.equal("accepted");
    expect(fine.status).to.equal("done");
  });

  it("are uploads that nobody used for a while, and what no row names any more", async () => {
    const { retention, blobs } = opened.store;
    const [used, unused] = [await put("used"), await put("unused")];
    await upload("doc-1", used);
    await upload("doc-2", unused);
    await create("col-1", "doc-1", used);
    opened.clock.advance(8 * day);
    const stale = await retention.staleUploads(opened.clock.now() - 7 * day, 10);
    expect(stale).to.deep.equal([{ id: "doc-2", firmId: "firm", sha256: unused }]);
    await go({ uploads: ["doc-2"], sha256s: [unused] });
    expect([await blobs.has(used), await blobs.has(unused)]).to.deep.equal([true, false]);
    const nobodys = await put("of a process that died");
    expect(await retention.named([used, nobodys])).to.deep.equal(new Set([used]));
  });

  it("are old receipts, page by page", async () => {
    const { journal, retention, reads } = opened.store;
    await live(journal, opened.clock, "col-1", canaryDraft());
    opened.clock.advance(91 * day);
    await live(journal, opened.clock, "col-2", canaryDraft());
    expect(await retention.dropReceipts(opened.clock.now() - 90 * day)).to.equal(1);
    const known = await reads.receipts("firm", ["col-1:0", "col-2:0"]);
    expect([...known.keys()]).to.deep.equal(["col-2:0"]);
  });

  it("are where old sessions of the parapheur came from; younger ones stay, and no id is used twice", async () => {
    const { journal, retention, parapheurs, reads } = opened.store;
    const law = {
      journal,
      clock: opened.clock,
      groupLimit: 10,
      queueLimit: 10,
      leaseLimits: {},
      leaseMs: 60_000,
    };
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const committer = createCommitter({
      ...law,
      laws: lawsOf(parapheurDecider),
      log,
      handOn: () => undefined,
    });
    const choice = { collecteId: "col-1", act: "sign" as const, key: "s1", documents: [shared] };
    const begin = (actorId: string, id = actorId) => {
      const about = {
        firmId: "firm",
        memberId: "mem_1",
        digest: "d",
        consentText: "t",
        choices: [choice],
        leftOut: [],
      };
      const personal = { trace: { ip: "203.0.113.77" } };
      const command = { type: "OpenSession", ...about, at: opened.clock.now(), personal };
      return committer.accept({ id, actorId, kind: "parapheur", firmId: "firm", command });
    };
    await begin("pph_old");
    await live(journal, opened.clock, "col-1", canaryDraft());
    opened.clock.advance(91 * day);
    await begin("pph_young");
    expect((await parapheurs.session("firm", "pph_old"))?.state.personal.trace.ip).to.equal("203.0.113.77");
    const old = opened.clock.now() - 90 * day;
    expect([await retention.forgetSessions(old), await retention.forgetSessions(old)]).to.deep.equal([1, 0]);
    expect(await parapheurs.session("firm", "pph_old")).to.equal(undefined);
    expect((await parapheurs.session("firm", "pph_young"))?.state.personal.trace.ip).to.equal("203.0.113.77");
    expect(
      (await reads.collecte("firm", "col-1"))?.state.personal.title,
      "of as old a collecte",
    ).not.to.equal("");
    expect(await begin("pph_old", "again")).to.include({ status: "refused", code: "already_created" });
    expect(await reads.recordIsWhole("pph_old")).to.equal(true);
    await committer.stop();
  });

  it("can be wiped at any time", () => opened.store.retention.scrub());
});

describe("the names of blobs", () => {
  it("are told by the events that make them", () => {
    const event = (type: string, data: object) => ({
      ...{ actorId: "col-1", version: 1, n: 0, messageId: "m", at: 0 },
      type,
      data,
    });
    const uses = usesIn([
      event("CollecteCreated", { documents: [{ id: "d1", sha256: "a" }] }),
      event("DraftRevised", { documents: [{ id: "d2", sha256: "e" }] }),
      event("SignatureApplied", { documents: [{ id: "d1", after: "b" }] }),
      event("SealApplied", { documents: [{ id: "d1", after: "c" }] }),
      event("EvidenceFiled", { sha256: "d" }),
      event("CollecteLaunched", {}),
    ]);
    expect(uses.map(({ sha256, documentId }) => `${sha256}${documentId}`)).to.deep.equal([
      "ad1",
      "ed2",
      "bd1",
      "cd1",
      "d",
    ]);
  });
});

onEachStore("an old database", (open) => {
  it("learns which blobs its collectes name", async () => {
    const opened = await open();
    const told = canaryDraft().launched();
    const consented = told.told(told.consent("s1"));
    const signed = consented.told(consented.signing("s1")).applied();
    await live(opened.store.journal, opened.clock, "col-1", signed);
    const all = "SELECT sha256, document_id FROM blob_uses ORDER BY sha256";
    const before = await opened.beside(({ reader }) => reader.all(all));
    await opened.beside((database) =>
      database.transaction(async (writer) => {
        const tables = ["blob_uses", "condemned_blobs", "time_watch"];
        const documentIndexes = ["documents_by_sha256", "documents_by_age"];
        for (const table of tables) await writer.run(`DROP TABLE ${table}`);
        for (const index of [...documentIndexes, "links_by_collecte", "dead_letters_by_actor"])
          await writer.run(`DROP INDEX ${index}`);
        await writer.run("DELETE FROM migrations WHERE name = '0013-retention'");
      }),
    );
    expect(before).to.have.length.greaterThan(1);
    expect(await opened.beside(({ reader }) => reader.all(all))).to.deep.equal(before);
    await opened.close();
  });
});

describe("a removal that is cut short", () => {
  it("leaves nothing of a blob where a second try would not find it", async () => {
    const { openTemporaryStore } = await import("./open-store.ts");
    const opened = await openTemporaryStore();
    const folder = join(opened.folder, "blobs");
    const grave = join(folder, "temporary", `removed-${shared}`);
    await writeFile(grave, "half removed");
    await opened.store.blobs.remove(shared);
    expect(await thrownBy(access(grave))).to.have.property("code", "ENOENT");
    expect(await readdir(join(folder, "temporary"))).to.deep.equal([]);
    expect(await readFile(join(opened.folder, "collecte.sqlite"))).to.have.length.greaterThan(0);
    await opened.close();
  });
});
