import { expect } from "chai";
import type { ReviseDraft } from "../../../src/actors/collecte/commands.ts";
import { collecteDecider } from "../../../src/actors/collecte/decider.ts";
import { timersOf } from "../../../src/actors/collecte/effects.ts";
import { refuse } from "../../../src/actors/collecte/refusals.ts";
import {
  aCollecte,
  creation,
  morning,
  noCollecte,
  type Told,
  type ToldCollecte,
} from "../../support/collecte-builder.ts";

const day = 24 * 3_600_000;
const by = { memberId: "mem_2" };

/** The whole draft anew, with other documents when `documents` says so. */
function revision(told: Told = {}, changes: Partial<ReviseDraft> = {}): ReviseDraft {
  const { type: _, firmId: __, ...plan } = creation(told);
  return { ...plan, type: "ReviseDraft", by, ...changes };
}

const documentsOf = ({ state }: ToldCollecte) => state.documents.map(({ id }) => id);

describe("a draft", () => {
  it("is put anew: nothing of before is left but who made it and when", () => {
    const stamps = [{ by: { signatoryId: "s1" }, document: "d1", field: "Client" }];
    const before = noCollecte().told({
      ...creation({ steps: ["s1", "seal"], members: { s1: "mem_1" }, copies: ["c1"] }),
      ...{ stamps, level: "B-LT", documentType: "bilan", terms: { draftDays: 30 }, by: { keyId: "key_1" } },
    });
    const told = before.after(day).told(revision({ steps: ["s1", "s2"], at: morning + day }));
    const made = noCollecte().told({ ...creation({ steps: ["s1", "s2"] }), by: { keyId: "key_1" } });
    expect(told.state).to.deep.equal({ ...made.state, revisedAt: morning + day });
    expect(told.effects).to.deep.equal([]);
    expect(told.events.at(-1)).to.deep.include({ type: "DraftRevised", by, at: morning + day });
    expect(told.launched().state.status).to.equal("launched");
  });

  it("knows the documents that it had, until it has them again: they are purged with the others", () => {
    const less = aCollecte({ documents: 3 }).told(revision({ documents: 1 }));
    expect(documentsOf(less)).to.deep.equal(["d1"]);
    expect(less.state.dropped).to.deep.equal([
      { id: "d2", original: "d2-r0" },
      { id: "d3", original: "d3-r0" },
    ]);
    const more = less.told(revision({ documents: 2 }));
    expect(more.state.dropped).to.deep.equal([{ id: "d3", original: "d3-r0" }]);
    expect(more.told(revision({ documents: 3 })).state).not.to.have.property("dropped");
  });

  it("needs the documents that it names, as when it is made", () => {
    expect(collecteDecider.needs(revision({ documents: 2 }))).to.deep.equal(["d1-r0", "d2-r0"]);
    expect(collecteDecider.needs({ type: "AbandonDraft", at: morning })).to.deep.equal([]);
  });

  it("is put anew, launched or cancelled by a delegation only as it was judged for", () => {
    const draft = aCollecte({ steps: ["s1", "seal"] });
    const judgedFor = { sealsAtOnce: true };
    const orders = [
      revision(),
      { type: "LaunchCollecte", at: morning },
      { type: "CancelCollecte", by, at: morning, personal: { reason: "no" } },
    ] as const;
    for (const order of orders) {
      const refused = (told: ToldCollecte) => told.when({ ...order, judgedFor }).refused;
      expect(refused(draft)).to.equal(undefined);
      expect(refused(draft.told(revision({}, { documentType: "bilan" })))).to.equal("draft_changed");
      expect(refused(draft.told(revision({ steps: ["s1"] })))).to.equal("draft_changed");
      expect(draft.told({ ...order, judgedFor }).events.at(-1)).not.to.have.property("judgedFor");
    }
    const launched = draft.launched();
    expect(launched.when({ ...orders[2], judgedFor }).refused).to.equal("draft_changed");
    expect(launched.when(orders[2]).refused).to.equal(undefined);
  });

  it("is put anew by nothing that could never be carried out", () => {
    const draft = aCollecte();
    expect(draft.when(revision({ documents: 0 }))).to.deep.equal(refuse("no_documents"));
    expect(draft.when(revision({ steps: [] }))).to.deep.equal(refuse("no_steps"));
    expect(draft.when(revision({ steps: ["s1", "s1"] }))).to.deep.equal(refuse("no_steps"));
    const nobody = { title: "", people: {} };
    expect(draft.when(revision({}, { personal: nobody }))).to.deep.equal(refuse("unknown_signatory"));
  });

  it("is a draft no more once it is launched or has ended: the launch freezes the documents", () => {
    expect(noCollecte().when(revision())).to.deep.equal(refuse("not_found"));
    expect(aCollecte().launched().when(revision())).to.deep.equal(refuse("not_draft"));
    expect(aCollecte().cancelled().when(revision())).to.deep.equal(refuse("not_draft"));
  });

  describe("that nobody touches", () => {
    const due = (told: ToldCollecte) => timersOf(told.state).find(({ name }) => name === "draft")?.dueAt;
    const abandon = (at: number) => collecteDecider.onTimer("draft", at);

    it("is given up 90 days after it was made or last revised, and its documents go a month later", () => {
      const revised = aCollecte()
        .after(day)
        .told(revision({ at: morning + day }));
      expect([due(aCollecte()), due(revised)]).to.deep.equal([morning + 90 * day, morning + 91 * day]);
      expect(revised.when(abandon(morning + 91 * day - 1))).to.deep.equal(refuse("not_due"));
      const told = revised.told(abandon(morning + 91 * day));
      expect(told.events.at(-1)).to.deep.equal({ type: "DraftAbandoned", at: morning + 91 * day });
      expect(told.state).to.deep.include({
        status: "cancelled",
        abandoned: true,
        endedAt: morning + 91 * day,
      });
      // Nobody was ever asked to sign: nobody is told.
      expect(told.turns.at(-1)?.effects).to.deep.equal([{ kind: "evidence" }]);
      expect(timersOf(told.state).map(({ name }) => name)).to.deep.equal(["purge"]);
      expect(told.purged().state.endedAs).to.equal("cancelled");
    });

    it("or after the days that the firm has chosen", () => {
      expect(due(aCollecte({ terms: { draftDays: 7 } }))).to.equal(morning + 7 * day);
    });

    it("but not when it was launched, or has ended", () => {
      const late = abandon(morning + 365 * day);
      expect(due(aCollecte().launched())).to.equal(undefined);
      expect(aCollecte().launched().when(late)).to.deep.equal(refuse("not_draft"));
      expect(aCollecte().cancelled().when(late)).to.deep.equal(refuse("not_draft"));
      expect(noCollecte().when(late)).to.deep.equal(refuse("not_found"));
    });
  });
});
