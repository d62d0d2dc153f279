import { expect } from "chai";
import { monthsAfter } from "../../../src/actors/collecte/calendar.ts";
import { timersOf } from "../../../src/actors/collecte/effects.ts";
import { refuse } from "../../../src/actors/collecte/refusals.ts";
import type { RecordAccess } from "../../../src/actors/collecte/upkeep-commands.ts";
import {
  aCollecte,
  morning,
  noCollecte,
  type Told,
  type ToldCollecte,
} from "../../support/collecte-builder.ts";

const day = 24 * 3_600_000;
const month = Date.UTC(2026, 11, 30, 9);
const done = (told: Told = {}) => aCollecte(told).launched().signedBy("s1");
const timer = (told: ToldCollecte, name: string) =>
  timersOf(told.state).find((one) => one.name === name)?.dueAt;

describe("a month later", () => {
  const later = (instant: string, months = 1) =>
    new Date(monthsAfter(Date.parse(instant), months)).toISOString();

  it("is the same day and hour in UTC", () => {
    expect(later("2026-11-30T09:00:00.001Z")).to.equal("2026-12-30T09:00:00.001Z");
    expect(later("2026-12-15T23:59:59.999Z")).to.equal("2027-01-15T23:59:59.999Z");
    expect(later("2026-03-28T01:30:00Z")).to.equal("2026-04-28T01:30:00.000Z");
  });

  it("is the last day of a month that has no such day", () => {
    expect(later("2027-01-31T09:00:00Z")).to.equal("2027-02-28T09:00:00.000Z");
    expect(later("2028-01-31T09:00:00Z")).to.equal("2028-02-29T09:00:00.000Z");
    expect(later("2028-01-29T09:00:00Z")).to.equal("2028-02-29T09:00:00.000Z");
    expect(later("2026-08-31T22:30:00Z")).to.equal("2026-09-30T22:30:00.000Z");
  });

  it("and years are months too", () => {
    expect(later("2026-11-30T09:00:00Z", 60)).to.equal("2031-11-30T09:00:00.000Z");
    expect(later("2028-02-29T09:00:00Z", 12)).to.equal("2029-02-28T09:00:00.000Z");
    expect(later("2028-02-29T09:00:00Z", 48)).to.equal("2032-02-29T09:00:00.000Z");
  });
});

describe("a purge", () => {
  const purge = (told: ToldCollecte, at: number) => told.when({ type: "PurgeCollecte", at });

  it("begins 1 month after the end, however it ended, not a millisecond earlier", () => {
    const open = aCollecte({ steps: ["s1", "s2"] }).launched();
    for (const ended of [done(), open.refusedBy("s1"), open.cancelled()]) {
      expect(timer(ended, "purge")).to.equal(month);
      expect(purge(ended, month - 1)).to.deep.equal(refuse("not_due"));
      expect(purge(ended, month).happened).to.deep.equal([{ type: "PurgeBegun", at: month }]);
    }
    expect(timer(open.expired(), "purge")).to.equal(Date.UTC(2027, 0, 15, 9));
  });

  it("is ordered once, and is done when the documents are gone", () => {
    const begun = done().told({ type: "PurgeCollecte", at: month });
    expect(begun.turns.at(-1)?.effects).to.eql([{ kind: "purge" }]);
    expect(begun.state.status).to.equal("completed");
    expect(purge(begun, month + day)).to.deep.equal({ happened: [] });
    expect(timersOf(begun.state)).to.eql([]);
    const record = { type: "RecordPurge", removed: 3, kept: 1, at: month + 5 } as const;
    const purged = begun.told(record);
    expect(purged.events.at(-1)).to.deep.equal({
      type: "CollectePurged",
      removed: 3,
      kept: 1,
      at: month + 5,
    });
    expect(purged.state).to.deep.include({ status: "purged", endedAs: "completed", purgedAt: month + 5 });
    expect(purged.turns.at(-1)?.effects).to.eql([{ kind: "evidence" }]);
    expect(purged.when(record)).to.deep.equal({ happened: [] });
    expect(purge(purged, month + day)).to.deep.equal({ happened: [] });
  });

  it("keeps all that the summary tells", () => {
    const open = aCollecte({ steps: ["s1", "s2"] }).launched();
    const purged = open.refusedBy("s1").purged();
    expect(purged.state).to.include({ endedAs: "refused", refusedBy: "s1" });
    expect(purged.state.personal.refusalReason).to.equal("not my figures");
    expect(open.cancelled().purged().state.personal.cancellationReason).to.equal("a wrong figure");
  });

  it("is of what has ended", () => {
    expect(purge(aCollecte(), month)).to.deep.equal(refuse("not_ended"));
    expect(purge(aCollecte().launched(), month)).to.deep.equal(refuse("not_ended"));
    expect(purge(noCollecte(), month)).to.deep.equal(refuse("not_found"));
    const early = { type: "RecordPurge", removed: 0, kept: 0, at: month } as const;
    expect(done().when(early)).to.deep.equal(refuse("not_due"));
  });
});

describe("the warning before a purge", () => {
  const announce = (told: ToldCollecte, at: number) => told.when({ type: "AnnouncePurge", at });
  const due = month - 7 * day;
  const waiting = done({ terms: { delivery: "fetched" } });

  it("comes 7 days before, once, when the documents were to leave and have not", () => {
    expect(timer(waiting, "purge_warning")).to.equal(due);
    expect(announce(waiting, due - 1)).to.deep.equal(refuse("not_due"));
    const told = waiting.told({ type: "AnnouncePurge", at: due });
    expect(told.events.at(-1)).to.deep.equal({ type: "PurgeAnnounced", purgeAt: month, at: due });
    expect(told.turns.at(-1)?.effects).to.eql([{ kind: "mail", notice: "purge_soon", to: "preparer" }]);
    expect(announce(told, due + 1)).to.deep.equal(refuse("not_due"));
    expect(timer(told, "purge_warning")).to.equal(undefined);
  });

  it("is not for documents that have left, that need not, or of which none are signed", () => {
    const left = waiting.told({ type: "RecordDelivery", how: "fetched", at: morning + day });
    const refused = aCollecte({ terms: { delivery: "pushed" } })
      .launched()
      .refusedBy("s1");
    for (const told of [left, refused, done(), done({ terms: {} }), waiting.purged()]) {
      expect(timer(told, "purge_warning")).to.equal(undefined);
      expect(announce(told, due)).to.deep.equal(refuse("not_due"));
    }
  });
});

describe("documents that leave before their purge", () => {
  it("are pushed at the completion, if the firm has said so", () => {
    const pushes = (told: ToldCollecte) => told.effects.filter(({ kind }) => kind === "deliver").length;
    expect(pushes(done({ terms: { delivery: "pushed" } }))).to.equal(1);
    expect(pushes(done({ terms: { delivery: "fetched" } }))).to.equal(0);
    const refused = aCollecte({ terms: { delivery: "pushed" } })
      .launched()
      .refusedBy("s1");
    expect(pushes(refused)).to.equal(0);
  });

  it("have left once, by whom is on the record", () => {
    const by = { keyId: "key_1" };
    const told = done().told({ type: "RecordDelivery", how: "fetched", by, at: morning });
    expect(told.events.at(-1)).to.deep.equal({ type: "DocumentsDelivered", how: "fetched", by, at: morning });
    expect(told.state.deliveredAt).to.equal(morning);
    expect(told.when({ type: "RecordDelivery", how: "pushed", at: morning + 1 })).to.deep.equal({
      happened: [],
    });
    const pushed = done().told({ type: "RecordDelivery", how: "pushed", at: morning });
    expect(pushed.events.at(-1)).to.deep.equal({ type: "DocumentsDelivered", how: "pushed", at: morning });
    const open = aCollecte().launched();
    expect(open.when({ type: "RecordDelivery", how: "fetched", at: morning })).to.deep.equal(
      refuse("not_ended"),
    );
  });

  it("that could not leave are told to the preparer once, until they do", () => {
    const fail = (code: string) =>
      ({ type: "RecordUpkeepFailure", what: "deliver", code, at: morning }) as const;
    const failed = done().told(fail("disk_full"));
    expect(failed.events.at(-1)).to.deep.equal({
      type: "UpkeepFailed",
      what: "deliver",
      code: "disk_full",
      at: morning,
    });
    expect(failed.state.upkeep).to.eql({ deliver: { code: "disk_full", at: morning } });
    expect(failed.turns.at(-1)?.effects).to.eql([
      { kind: "mail", notice: "upkeep_failed", to: "preparer", about: "deliver" },
    ]);
    expect(failed.when(fail("other"))).to.deep.equal({ happened: [] });
    const left = failed.told({ type: "RecordDelivery", how: "pushed", at: morning });
    expect(left.state).not.to.have.property("upkeep");
    expect(left.when(fail("late"))).to.deep.equal({ happened: [] });
  });
});

describe("the evidence file", () => {
  const file = { type: "RecordEvidence", sha256: "e1", bytes: 9, level: "B-LTA", at: morning + 5 } as const;

  it("is on the record once for each of its makes", () => {
    const told = done().told(file);
    expect(told.events.at(-1)).to.deep.equal({ ...file, type: "EvidenceFiled" });
    expect(told.state.evidence).to.eql({ sha256: "e1", bytes: 9, level: "B-LTA", at: morning + 5 });
    expect(told.when(file)).to.deep.equal({ happened: [] });
    expect(told.purged().told({ ...file, sha256: "e2" }).state.evidence?.sha256).to.equal("e2");
  });

  it("is of what has ended, and not forgotten", () => {
    expect(aCollecte().launched().when(file)).to.deep.equal(refuse("not_ended"));
    const forgotten = done().told(file).purged().forgotten();
    expect(forgotten.when({ ...file, sha256: "e2" })).to.deep.equal(refuse("collecte_ended"));
  });

  it("that could not be made is no mail to the preparer, and mended when it is", () => {
    const failed = done().told({ type: "RecordUpkeepFailure", what: "evidence", code: "x", at: morning });
    expect(failed.turns.at(-1)?.effects).to.eql([]);
    const two = failed.told({ type: "RecordUpkeepFailure", what: "deliver", code: "y", at: morning });
    expect(Object.keys(two.told(file).state.upkeep ?? {})).to.eql(["deliver"]);
    const open = aCollecte().launched();
    const early = { type: "RecordUpkeepFailure", what: "purge", code: "x", at: morning } as const;
    expect(open.when(early)).to.deep.equal(refuse("not_ended"));
  });
});

describe("forgetting", () => {
  const forget = (told: ToldCollecte, at: number) => told.when({ type: "ForgetPeople", at });

  it("comes 5 years after the end, or as many as the firm said, not a millisecond earlier", () => {
    for (const [terms, years] of [
      [{}, 5],
      [{ evidenceYears: 10 }, 10],
      [{ evidenceYears: 1 }, 1],
    ] as const) {
      const purged = done({ terms }).purged();
      const due = Date.UTC(2026 + years, 10, 30, 9);
      expect(timer(purged, "forget")).to.equal(due);
      expect(forget(purged, due - 1)).to.deep.equal(refuse("not_due"));
      expect(forget(purged, due).happened).to.deep.equal([{ type: "PeopleForgotten", at: due }]);
    }
    expect(timer(done().purged(), "forget")).to.equal(Date.UTC(2031, 10, 30, 9));
  });

  it("leaves nothing about people in the state, and is ordered once", () => {
    const filed = done().told({ type: "RecordEvidence", sha256: "e1", bytes: 9, level: "B-B", at: morning });
    const told = filed.purged().forgotten();
    expect(told.state.personal).to.eql({ title: "", people: {} });
    expect(told.state).not.to.have.property("evidence");
    expect(told.state).to.include({ status: "purged", endedAs: "completed" });
    expect(JSON.stringify(told.state)).not.to.contain("Zoé");
    expect(told.turns.at(-1)?.effects).to.eql([{ kind: "forget" }]);
    expect(forget(told, told.now)).to.deep.equal({ happened: [] });
  });

  it("waits for the purge, and for what can be forgotten at all", () => {
    const late = Date.UTC(2050, 0, 1);
    expect(forget(done(), late)).to.deep.equal(refuse("not_due"));
    expect(forget(done().told({ type: "PurgeCollecte", at: month }), late)).to.deep.equal(refuse("not_due"));
    expect(forget(aCollecte(), late)).to.deep.equal(refuse("not_due"));
    expect(forget(noCollecte(), late)).to.deep.equal(refuse("not_found"));
  });
});

describe("an access to the documents", () => {
  const access = (of: Partial<RecordAccess> = {}): RecordAccess => ({
    type: "RecordAccess",
    personId: "s1",
    sessionId: "session",
    act: "downloaded",
    documents: ["d1"],
    at: morning,
    personal: { trace: { ip: "192.0.2.1" } },
    ...of,
  });

  it("is on the record, once for each person, session, act and choice", () => {
    const told = done().told(access());
    expect(told.events.at(-1)).to.deep.equal({ ...access(), type: "DocumentsAccessed" });
    expect(told.turns.at(-1)?.effects).to.eql([]);
    expect(told.when(access({ at: morning + day }))).to.deep.equal({ happened: [] });
    for (const other of [{ sessionId: "two" }, { act: "read" as const }, { documents: ["d1", "d2"] }])
      expect(told.when(access(other)).happened).to.have.length(1);
  });

  it("is remembered a hundred times, and forgotten after", () => {
    const told = Array.from({ length: 101 }).reduce<ToldCollecte>(
      (sofar, _, n) => sofar.told(access({ sessionId: `session ${n}` })),
      done(),
    );
    expect(told.state.accesses).to.have.length(100);
    expect(told.when(access({ sessionId: "session 1" })).happened).to.eql([]);
    expect(told.when(access({ sessionId: "session 0" })).happened).to.have.length(1);
  });

  it("is of somebody, and of documents that are there", () => {
    expect(done().when(access({ personId: "s9" }))).to.deep.equal(refuse("unknown_signatory"));
    expect(noCollecte().when(access())).to.deep.equal(refuse("not_found"));
    const purged = done().purged();
    expect(purged.when(access({ at: month }))).to.deep.equal(refuse("collecte_ended"));
    expect(purged.when(access({ at: month - 1 })).happened).to.have.length(1);
    expect(purged.forgotten().when(access())).to.deep.equal(refuse("unknown_signatory"));
  });
});
