import { expect } from "chai";
import { type Collecte, nothing as noCollecte } from "../../../src/actors/collecte/state.ts";
import { parapheurActing } from "../../../src/actors/effects/parapheur.ts";
import { nothing, type Session } from "../../../src/actors/parapheur/state.ts";
import { Overloaded, Retryable } from "../../../src/actors/runtime/errors.ts";
import type {
  AnyEffectInHand,
  Delegation,
  Member,
  Message,
  Outcome,
} from "../../../src/actors/runtime/ports.ts";
import { thrownBy } from "../../support/thrown.ts";

const morning = Date.UTC(2026, 10, 30, 9);
const expert: Member = {
  ...{ id: "mem_1", firmId: "firm_1", role: "expert", version: 1 },
  ...{ firstName: "Anne", lastName: "Durand", email: "anne@cabinet.example", phone: "+33612345678" },
};
const delegation: Delegation = {
  ...{ id: "del_1", firmId: "firm_1", expertId: "mem_9", memberId: "mem_1" },
  ...{ rights: ["sign"], givenBy: {}, givenAt: morning },
};
const session: Session = {
  ...nothing,
  ...{ status: "signed", firmId: "firm_1", memberId: "mem_1", otpId: "otp", consentText: "lu" },
  ...{ rounds: 1, inHand: [0, 1] },
  choices: [0, 1].map((n) => ({ collecteId: `col_${n}`, act: "sign", key: "s1", documents: [`sha-${n}`] })),
};

describe("the acts of a session", () => {
  let sent: Message[];
  let member: Member | undefined;
  let delegations: Delegation[];
  let courses: Map<string, Collecte>;
  let answer: (message: Message) => Promise<Outcome>;
  let receipts: Map<string, Outcome>;

  beforeEach(() => {
    sent = [];
    member = expert;
    delegations = [];
    courses = new Map(["col_0", "col_1"].map((id) => [id, { ...noCollecte, status: "launched" }]));
    answer = async () => ({ status: "done", version: 2 });
    receipts = new Map();
  });

  const acting = parapheurActing({
    mailbox: {
      async accept(message) {
        sent.push(message);
        return answer(message);
      },
    },
    reads: {
      receipts: async (_firm, ids) =>
        new Map(
          ids.flatMap((id) => {
            const outcome = receipts.get(id);
            return outcome
              ? [[id, { messageId: id, actorId: "", fingerprint: null, outcome, at: morning }] as const]
              : [];
          }),
        ),
    },
    parapheurs: { courses: async () => courses },
    staff: { member: async () => member, delegationsTo: async () => delegations },
    clock: { now: () => morning },
  });

  const inHand = (state: Session = session, round = 1) =>
    ({
      row: { id: "pph_1.2.1", actorId: "pph_1", firmId: "firm_1", kind: "parapheur", payload: { round } },
      state,
    }) as unknown as AnyEffectInHand;
  const handed = (state?: Session, round?: number) => acting.handlers["parapheur"]?.(inHand(state, round));
  const changed = (changes: Partial<Session["choices"][number]>): Session => ({
    ...session,
    choices: session.choices.map((choice) => ({ ...choice, ...changes })),
  });

  it("go to their collectes, each under an id of its place and round", async () => {
    expect(await handed()).to.deep.equal({ type: "RecordRound", round: 1, refused: {}, at: morning });
    expect(sent.map(({ id, actorId }) => [id, actorId])).to.deep.equal([
      ["pph_1.0.1", "col_0"],
      ["pph_1.1.1", "col_1"],
    ]);
    expect(sent[0]?.command).to.deep.equal({
      ...{ type: "SignAsMember", signatoryId: "s1", memberId: "mem_1", sessionId: "pph_1", otpId: "otp" },
      ...{ documents: ["sha-0"], consentText: "lu", at: morning, personal: { trace: {} } },
    });
  });

  it("stop nobody else when one is refused, or its collecte is no more", async () => {
    answer = async ({ actorId }) =>
      actorId === "col_0"
        ? { status: "refused", code: "out_of_turn", facts: {}, version: 3 }
        : { status: "done", version: 2 };
    expect(await handed()).to.deep.include({ refused: { 0: "out_of_turn" } });
    courses.delete("col_1");
    expect(await handed()).to.deep.include({ refused: { 0: "out_of_turn", 1: "not_found" } });
  });

  it("are not done by who has left", async () => {
    member = { ...expert, leftAt: morning };
    expect(await handed()).to.deep.include({ refused: { 0: "member_left", 1: "member_left" } });
    member = undefined;
    expect(await handed()).to.deep.include({ refused: { 0: "member_left", 1: "member_left" } });
    expect(sent).to.deep.equal([]);
  });

  it("are done in another's place by that one's living delegation only", async () => {
    const forAnother = changed({ forMemberId: "mem_9" });
    const missing = { refused: { 0: "right_missing", 1: "right_missing" } };
    for (const given of [
      [],
      [{ ...delegation, expertId: "mem_8" }],
      [{ ...delegation, rights: ["seal" as const] }],
      [{ ...delegation, documentTypes: ["bilan"] }],
      [{ ...delegation, until: morning }],
      [{ ...delegation, from: morning + 1 }],
    ]) {
      delegations = given;
      expect(await handed(forAnother)).to.deep.include(missing);
    }
    expect(sent).to.deep.equal([]);
    delegations = [{ ...delegation, from: morning, until: morning + 1 }];
    expect(await handed(forAnother)).to.deep.include({ refused: {} });
    expect(sent[0]?.command).to.include({ memberId: "mem_1", delegationId: "del_1" });
  });

  it("have a seal made by an expert's own right, and by a collaborator's delegation", async () => {
    const seal = changed({ act: "seal", key: "2" });
    expect(await handed(seal)).to.deep.include({ refused: {} });
    expect(sent[0]?.command).to.deep.include({ type: "SealAsMember", seal: 2, documents: ["sha-0"] });
    member = { ...expert, role: "collaborator" };
    expect(await handed(seal)).to.deep.include({ refused: { 0: "right_missing", 1: "right_missing" } });
    delegations = [{ ...delegation, rights: ["seal"] }];
    expect(await handed(seal)).to.deep.include({ refused: {} });
  });

  it("are tried again where they were accepted and could not be made", async () => {
    const failed = { trouble: { code: "pdf_damaged", at: morning }, ordered: [{ signatoryId: "s1" }] };
    courses.set("col_0", { ...noCollecte, status: "launched", ...failed });
    courses.set("col_1", { ...noCollecte, status: "launched", ...failed, ordered: [{ signatoryId: "s2" }] });
    await handed({ ...session, rounds: 2 }, 2);
    expect(sent.map(({ command }) => command.type)).to.deep.equal(["RetrySigning", "SignAsMember"]);
  });

  it("wait for what another process decides", async () => {
    answer = async () => ({ status: "accepted" });
    receipts.set("pph_1.0.1", { status: "done", version: 2 });
    receipts.set("pph_1.1.1", { status: "refused", code: "documents_changed", facts: {}, version: 2 });
    expect(await handed()).to.deep.include({ refused: { 1: "documents_changed" } });
  });

  it("come again when the mailbox is full", async () => {
    answer = async () => Promise.reject(new Overloaded(1));
    expect(await thrownBy(handed() ?? Promise.resolve()))
      .to.be.instanceOf(Retryable)
      .and.include({ code: "mailbox_full" });
    answer = async () => Promise.reject(new Retryable("store_unavailable"));
    expect(await thrownBy(handed() ?? Promise.resolve()))
      .to.be.instanceOf(Retryable)
      .and.include({ code: "store_unavailable" });
  });

  it("are handed over for the round that is in hand only, and a round that fails for good says why", async () => {
    expect(await handed(session, 2)).to.equal(undefined);
    expect(await handed({ ...session, inHand: [] })).to.equal(undefined);
    expect(acting.failureCommand(inHand(), "engine_died", morning)).to.deep.equal({
      type: "RecordRoundFailure",
      round: 1,
      code: "engine_died",
      at: morning,
    });
  });
});
