import { expect } from "chai";
import { timersOf } from "../../../src/actors/collecte/effects.ts";
import { refuse } from "../../../src/actors/collecte/refusals.ts";
import { nextReminderAt } from "../../../src/actors/collecte/reminders.ts";
import type { Terms } from "../../../src/actors/collecte/state.ts";
import {
  aCollecte,
  morning,
  noCollecte,
  type Told,
  type ToldCollecte,
} from "../../support/collecte-builder.ts";

const day = 24 * 3_600_000;
const deadline = morning + 15 * day;
const byHand = (told: ToldCollecte) => told.when(told.ordering({ type: "RemindSignatories" }));
const byCalendar = (told: ToldCollecte) =>
  told.when({ type: "RemindSignatories", scheduled: true, at: told.now });

describe("a reminder by hand", () => {
  const open = aCollecte({ steps: [["s1", "s2"], "s3"] }).launched();

  it("tells those whose turn it is again, by the links that they have", () => {
    const told = open.after(day).reminded();
    expect(told.turns.at(-1)?.decision.happened).to.deep.equal([
      {
        type: "SignatoriesReminded",
        reminded: ["s1", "s2"],
        scheduled: false,
        expiresAt: morning + 30 * day,
        by: { keyId: "key_1" },
        at: morning + day,
      },
    ]);
    expect(told.turns.at(-1)?.effects).to.eql(
      ["s1", "s2"].map((to) => ({
        kind: "mail",
        notice: "reminder",
        to,
        link: { purpose: "sign", generation: 1 },
      })),
    );
    expect(open.signedBy("s2").reminded().turns.at(-1)?.effects).to.have.length(1);
  });

  it("prolongs by 15 × 24 hours from the deadline that there is, each time", () => {
    const told = open.at(deadline - 1).reminded();
    expect(told.state.expiresAt).to.equal(morning + 30 * day);
    expect(told.reminded().state.expiresAt).to.equal(morning + 45 * day);
    expect(timersOf(told.state)).to.eql([{ name: "expiry", dueAt: morning + 30 * day }]);
    const late = told.at(deadline);
    expect(late.when({ type: "ExpireCollecte", at: late.now })).to.deep.equal(refuse("not_due"));
    const last = told.at(morning + 30 * day - 1).consentedBy("s1");
    expect(last.codeGivenBy("s1").signatory("s1").status).to.equal("signing");
    expect(last.after(1).when(last.after(1).signing("s1"))).to.deep.equal(refuse("collecte_ended"));
  });

  it("comes too late at the deadline, before the calendar has said so", () => {
    expect(byHand(open.at(deadline - 1)).refused).to.equal(undefined);
    expect(byHand(open.at(deadline))).to.deep.equal(refuse("collecte_ended"));
  });

  it("leaves codes and links alive", () => {
    expect(open.consentedBy("s1").reminded().codeGivenBy("s1").signatory("s1").status).to.equal("signing");
  });

  it("needs somebody whose turn it is, in a collecte that runs", () => {
    const alone = aCollecte().launched().consentedBy("s1").codeGivenBy("s1");
    expect(byHand(alone)).to.deep.equal(refuse("nobody_to_remind"));
    expect(byHand(aCollecte({ steps: ["seal"] }).launched())).to.deep.equal(refuse("nobody_to_remind"));
    expect(byHand(aCollecte())).to.deep.equal(refuse("not_launched"));
    expect(byHand(noCollecte())).to.deep.equal(refuse("not_found"));
    expect(byHand(open.cancelled())).to.deep.equal(refuse("collecte_ended"));
  });

  it("goes to the approver of a seal who is waited for, and not while the seal is made", () => {
    const told = aCollecte({ steps: ["seal of a1", "s1"] }).launched();
    const reminded = told.reminded();
    expect(reminded.turns.at(-1)?.effects).to.eql([{ kind: "mail", notice: "seal_awaited", to: "a1" }]);
    expect(reminded.state.expiresAt).to.equal(morning + 30 * day);
    expect(byHand(told.told(told.approval(0, "mem_a1")))).to.deep.equal(refuse("nobody_to_remind"));
  });
});

describe("reminders by schedule", () => {
  const every3 = (told: Told = {}, reminders: Terms["reminders"] = { everyDays: 3, most: 2 }) =>
    aCollecte({ ...told, terms: { reminders } }).launched();

  it("come when so many days are over since the invitation, not a millisecond earlier", () => {
    const open = every3();
    const due = morning + 3 * day;
    expect(timersOf(open.state)).to.deep.include({ name: "reminder", dueAt: due });
    expect(byCalendar(open.at(due - 1))).to.deep.equal(refuse("not_due"));
    const told = open.at(due).told({ type: "RemindSignatories", scheduled: true, at: due });
    expect(told.events.at(-1)).to.deep.equal({
      type: "SignatoriesReminded",
      reminded: ["s1"],
      scheduled: true,
      expiresAt: morning + 30 * day,
      at: due,
    });
    expect(nextReminderAt(told.state)).to.equal(due + 3 * day);
    expect(byCalendar(told)).to.deep.equal(refuse("not_due"));
  });

  it("are no more than was said", () => {
    let told = every3();
    for (const n of [1, 2]) {
      const at = morning + 3 * n * day;
      told = told.at(at).told({ type: "RemindSignatories", scheduled: true, at });
      expect(told.state.reminded).to.eql({ at, scheduled: n });
    }
    expect(nextReminderAt(told.state)).to.equal(undefined);
    expect(byCalendar(told.after(3 * day))).to.deep.equal(refuse("not_due"));
    expect(told.state.expiresAt).to.equal(morning + 45 * day);
  });

  it("count from a reminder by hand too, which is none of theirs", () => {
    const told = every3().after(day).reminded();
    expect(nextReminderAt(told.state)).to.equal(morning + 4 * day);
    expect(told.state.reminded).to.eql({ at: morning + day, scheduled: 0 });
  });

  it("count from the last invitation of those whose turn it is", () => {
    const told = every3({ steps: ["s1", "s2"] });
    const second = told.at(morning + 2 * day).signedBy("s1");
    expect(nextReminderAt(second.state)).to.equal(morning + 5 * day);
    const corrected = second.after(day).corrected("s2", { email: "new@client.example" });
    expect(nextReminderAt(corrected.state)).to.equal(morning + 6 * day);
    const seal = every3({ steps: ["s1", "seal of a1"] })
      .after(2 * day)
      .signedBy("s1");
    expect(nextReminderAt(seal.state)).to.equal(morning + 5 * day);
  });

  it("are not for whom nobody waits", () => {
    const signing = every3().consentedBy("s1").codeGivenBy("s1");
    expect(nextReminderAt(signing.state)).to.equal(undefined);
    expect(nextReminderAt(every3().cancelled().state)).to.equal(undefined);
    expect(
      byCalendar(
        aCollecte()
          .launched()
          .after(3 * day),
      ),
    ).to.deep.equal(refuse("not_due"));
  });

  it("never come at the deadline or after it, which ends the collecte first", () => {
    const almost = every3({}, { everyDays: 14, most: 9 });
    expect(nextReminderAt(almost.state)).to.equal(morning + 14 * day);
    expect(nextReminderAt(every3({}, { everyDays: 15, most: 9 }).state)).to.equal(undefined);
  });

  it("that an engine slept through come once", () => {
    const told = every3({}, { everyDays: 1, most: 9 }).after(5 * day + 1);
    const one = told.told({ type: "RemindSignatories", scheduled: true, at: told.now });
    expect(byCalendar(one)).to.deep.equal(refuse("not_due"));
    expect(nextReminderAt(one.state)).to.equal(told.now + day);
  });
});
