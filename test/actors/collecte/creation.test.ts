import { expect } from "chai";
import { refuse } from "../../../src/actors/collecte/refusals.ts";
import { nothing } from "../../../src/actors/collecte/state.ts";
import { aCollecte, creation, morning, noCollecte } from "../../support/collecte-builder.ts";

const day = 24 * 3_600_000;

describe("a collecte that is made", () => {
  it("is a draft of its documents, steps, people and copies, and nobody is told", () => {
    const told = aCollecte({ steps: ["s1", ["s2", "s3"], "seal"], documents: 2, copies: ["c1"] });
    const { state } = told;
    expect(told.events.map(({ type }) => type)).to.deep.equal(["CollecteCreated"]);
    expect(told.effects).to.deep.equal([]);
    expect(state.status).to.equal("draft");
    expect(
      state.documents.map(({ id, original, head, revisions }) => [id, original, head, revisions]),
    ).to.eql([
      ["d1", "d1-r0", "d1-r0", 0],
      ["d2", "d2-r0", "d2-r0", 0],
    ]);
    expect(state.steps).to.deep.equal([
      { signatories: ["s1"] },
      { signatories: ["s2", "s3"] },
      { seal: true },
    ]);
    expect(Object.values(state.signatories).map(({ id, step, status }) => [id, step, status])).to.eql([
      ["s1", 0, "waiting"],
      ["s2", 1, "waiting"],
      ["s3", 1, "waiting"],
    ]);
    expect(state.copies).to.deep.equal(["c1"]);
    expect(state.createdAt).to.equal(morning);
    expect(state.personal.people["c1"]?.email).to.equal("c1@client.example");
  });

  it("knows who of its signatories is a member of the firm", () => {
    const told = aCollecte({ steps: ["s1", "s2"], members: { s2: "mem_1" } });
    expect(told.signatory("s2").memberId).to.equal("mem_1");
    expect(told.signatory("s1")).not.to.have.property("memberId");
  });

  it("remembers the upload of a document that was written anew", () => {
    const plain = creation();
    const documents = plain.documents.map((document) => ({ ...document, repairedFrom: "damaged" }));
    const { state } = noCollecte().told({ ...plain, documents });
    expect(state.documents[0]).to.include({ original: "d1-r0", repairedFrom: "damaged" });
    expect(aCollecte().state.documents[0]).not.to.have.property("repairedFrom");
  });

  it("keeps a document's name when there is one, and a message", () => {
    const plain = creation();
    const documentNames = { d1: "bilan.pdf" };
    const named = noCollecte().told({
      ...plain,
      personal: { ...plain.personal, message: "Bonjour", documentNames },
    });
    expect(named.state.personal.documentNames).to.deep.equal(documentNames);
    expect(named.state.personal.message).to.equal("Bonjour");
    expect(aCollecte().state.personal).not.to.have.property("documentNames");
  });

  it("keeps what the firm chose for it, and who made it", () => {
    const chosen = {
      level: "B-LT",
      documentType: "bilan",
      terms: { evidenceYears: 10 },
      stamps: [{ by: { signatoryId: "s1" }, document: "d1", field: "Client" }],
    } as const;
    const by = { memberId: "mem_1", delegationId: "del_1" };
    const {
      stamps: [...stamps],
      ...terms
    } = chosen;
    const { state } = noCollecte().told({ ...creation(), ...terms, stamps, by });
    expect(state).to.deep.include({ ...chosen, preparer: by });
  });

  it("is made once", () => {
    expect(aCollecte().when(creation())).to.deep.equal(refuse("already_created"));
    expect(aCollecte().launched().refusedBy("s1").when(creation()).refused).to.equal("already_created");
  });

  it("needs a document", () => {
    expect(noCollecte().when(creation({ documents: 0 }))).to.deep.equal(refuse("no_documents"));
  });

  it("needs steps that somebody can do", () => {
    expect(noCollecte().when(creation({ steps: [] }))).to.deep.equal(refuse("no_steps"));
    expect(noCollecte().when(creation({ steps: ["s1", []] }))).to.deep.equal(refuse("no_steps"));
  });

  it("asks nobody to sign twice", () => {
    expect(noCollecte().when(creation({ steps: ["s1", "s1"] })).refused).to.equal("no_steps");
    expect(noCollecte().when(creation({ steps: [["s1", "s1"]] })).refused).to.equal("no_steps");
  });

  it("asks nobody without a name and an address", () => {
    const { personal, ...rest } = creation({ steps: ["s1", "s2"] });
    const { s2: _stranger, ...people } = personal.people;
    const decision = noCollecte().when({ ...rest, personal: { ...personal, people } });
    expect(decision).to.deep.equal(refuse("unknown_signatory"));
  });
});

describe("a launch", () => {
  it("sets the deadline at 15 × 24 hours to the millisecond", () => {
    const told = aCollecte().after(1234).launched();
    expect(told.state.launchedAt).to.equal(morning + 1234);
    expect(told.state.expiresAt).to.equal(morning + 1234 + 1_296_000_000);
    expect(told.state.expiresAt).to.equal(morning + 1234 + 15 * day);
  });

  it("counts hours, not days on a wall, when the clocks change", () => {
    const launchedAt = Date.UTC(2026, 9, 20, 9);
    const told = aCollecte({ at: launchedAt }).launched();
    expect(new Date(told.state.expiresAt ?? 0).toISOString()).to.equal("2026-11-04T09:00:00.000Z");
  });

  it("invites those of the first step, and nobody else", () => {
    const told = aCollecte({ steps: [["s1", "s2"], "s3"] }).launched();
    expect(told.effects).to.deep.equal([
      { kind: "mail", notice: "invitation", to: "s1", link: { purpose: "sign", generation: 1 } },
      { kind: "mail", notice: "invitation", to: "s2", link: { purpose: "sign", generation: 1 } },
    ]);
    expect(["s1", "s2", "s3"].map((id) => told.signatory(id).status)).to.eql([
      "invited",
      "invited",
      "waiting",
    ]);
    expect(["s1", "s2", "s3"].map((id) => told.signatory(id).linkGeneration)).to.eql([1, 1, 0]);
  });

  it("orders the seal at once when the seal comes first", () => {
    const told = aCollecte({ steps: ["seal", "s1"] }).launched();
    expect(told.effects).to.deep.equal([{ kind: "seal", step: 0 }]);
    expect(told.signatory("s1").status).to.equal("waiting");
  });

  it("tells on the record who launched", () => {
    const by = { keyId: "key_1" };
    const told = aCollecte().told({ type: "LaunchCollecte", by, at: morning });
    expect(told.events[1]).to.deep.include({ type: "CollecteLaunched", by });
    expect(aCollecte().launched().events[1]).not.to.have.property("by");
  });

  it("happens once, and to a draft only", () => {
    const launch = { type: "LaunchCollecte", at: morning } as const;
    expect(noCollecte().when(launch)).to.deep.equal(refuse("not_found"));
    expect(aCollecte().launched().when(launch)).to.deep.equal(refuse("not_draft"));
    expect(aCollecte().launched().refusedBy("s1").when(launch)).to.deep.equal(refuse("not_draft"));
  });
});

describe("the collecte that is not there", () => {
  it("is nothing, and knows no one", () => {
    const told = noCollecte();
    expect(told.state).to.equal(nothing);
    for (const command of [
      told.consent("s1"),
      told.signing("s1"),
      told.refusal("s1"),
      told.notified(),
      { type: "ExpireCollecte", at: morning } as const,
    ]) {
      expect(told.when(command), command.type).to.deep.equal(refuse("not_found"));
    }
    expect(told.when(told.recorded())).to.deep.equal(refuse("not_ordered"));
  });
});
