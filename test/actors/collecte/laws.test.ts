import { expect } from "chai";
import fc from "fast-check";
import { timersOf } from "../../../src/actors/collecte/effects.ts";
import type { Event } from "../../../src/actors/collecte/events.ts";
import { evolve } from "../../../src/actors/collecte/evolve.ts";
import { type Collecte, hasEnded, nothing } from "../../../src/actors/collecte/state.ts";
import type { ToldCollecte, Turn } from "../../support/collecte-builder.ts";
import { histories, outstanding, wellPlayed } from "./random-histories.ts";

const runs = 1_000;

/** The seed is drawn anew each time; a failure prints it, with the smallest history that fails. */
function always(law: (told: ToldCollecte) => void): void {
  fc.assert(fc.property(histories, law), { numRuns: runs });
}

/** All of a collecte that nothing moves after its end: not its notices, its upkeep, nor where it is sent. */
function body(state: Collecte) {
  const { firmId, steps, documents, ordered, currentStep, expiresAt, endedAt, launchedAt, refusedBy } = state;
  const how = state.endedAs ?? state.status;
  const signatories = Object.values(state.signatories).map(({ id, status, signedAt, step }) => [
    id,
    status,
    signedAt,
    step,
  ]);
  const fixed = { firmId, steps, documents, ordered, currentStep, expiresAt, endedAt, launchedAt, refusedBy };
  return { ...fixed, how, signatories };
}

/** What a command that is given again may not move: wrong tries count each time. */
function course(state: Collecte) {
  const { status, currentStep, steps, documents, ordered, expiresAt, endedAt } = state;
  const signatories = Object.values(state.signatories).map((one) => [
    one.status,
    one.signedAt,
    one.linkGeneration,
  ]);
  return { status, currentStep, steps, documents, ordered, expiresAt, endedAt, signatories };
}

/** Launch and reminders say it all. */
function deadlineAfter(events: readonly Event[]): number {
  const launch = events.find(({ type }) => type === "CollecteLaunched");
  const reminders = events.filter(({ type }) => type === "SignatoriesReminded");
  return (launch?.at ?? 0) + (1 + reminders.length) * 15 * 24 * 3_600_000;
}

const accepted = ({ decision: { refused } }: Turn) => refused === undefined;

describe("whatever happens to a collecte", function () {
  this.timeout(60_000);

  it("never moves again once it has ended", () => {
    always((told) => {
      for (const { before, after } of told.turns) {
        if (hasEnded(before)) expect(body(after)).to.deep.equal(body(before));
      }
    });
  });

  it("is the same when its events are replayed, also from JSON", () => {
    always((told) => {
      expect(told.events.reduce(evolve, nothing)).to.deep.equal(told.state);
      const stored = JSON.parse(JSON.stringify(told.events)) as typeof told.events;
      expect(stored.reduce(evolve, nothing)).to.deep.equal(told.state);
    });
  });

  it("goes nowhere by a command that it has just had", () => {
    always((told) => {
      let sofar = told.at(told.now);
      for (const turn of told.turns.slice(-8)) sofar = sofar.told(turn.command).told(turn.command);
      const repeats = sofar.turns.slice(told.turns.length).filter((_, n) => n % 2 === 1);
      for (const { command, before, after, effects } of repeats) {
        // Whoever reminds twice prolongs twice.
        if (command.type === "RemindSignatories") continue;
        expect(course(after)).to.deep.equal(course(before));
        // A wrong code that is typed again is another try, and may be the one too many.
        const others = effects.filter((effect) => effect.kind !== "mail" || effect.notice !== "locked");
        expect(others).to.deep.equal([]);
      }
    });
  });

  it("goes nowhere by a command that it took long ago", () => {
    always((told) => {
      // What a preparer orders again under another key is ordered again.
      const fresh = ["RemindSignatories", "ChangeOrder", "CorrectPerson", "ReviseDraft"];
      for (const { command } of told.turns.filter(accepted)) {
        if (fresh.includes(command.type)) continue;
        expect(course(told.told(command).state)).to.deep.equal(course(told.state));
      }
    });
  });

  it("has no signature without its own code, used once, in time, before the deadline", () => {
    always((told) => {
      const { events } = told;
      const used = new Set<string>();
      events.forEach((event, n) => {
        if (event.type !== "SignatureOrdered") return;
        const consumed = events[n - 1];
        // The code of a parapheur is another actor's.
        if (event.memberId !== undefined && consumed?.type === "ConsentGiven") return;
        if (consumed?.type !== "OtpConsumed") throw new Error("no code was used just before");
        expect([consumed.otpId, consumed.signatoryId]).to.eql([event.otpId, event.signatoryId]);
        expect(used.has(event.otpId), "the code was used before").to.equal(false);
        used.add(event.otpId);
        const earlier = events.slice(0, n);
        const code = earlier.find((one) => one.type === "OtpIssued" && one.otpId === event.otpId);
        if (code?.type !== "OtpIssued") throw new Error("the code was never issued");
        expect(code.signatoryId).to.equal(event.signatoryId);
        expect(code.documents).to.deep.equal(event.documents);
        expect(consumed.at).to.be.lessThan(code.expiresAt);
        expect(consumed.at).to.be.lessThan(deadlineAfter(earlier));
        const tries = earlier.filter((one) => one.type === "OtpFailed" && one.otpId === event.otpId);
        expect(tries.length).to.be.lessThan(5);
      });
      expect(events.filter(({ type }) => type === "OtpConsumed")).to.have.length(used.size);
    });
  });

  it("has nothing signed but what its step had shown", () => {
    always((told) => {
      for (const { decision, before } of told.turns) {
        const ordered = decision.happened.find(({ type }) => type === "SignatureOrdered");
        if (ordered?.type !== "SignatureOrdered") continue;
        expect(before.shownInStep).to.deep.include(ordered.documents);
      }
    });
  });

  it("has each signature and seal once, and only as ordered", () => {
    always(({ events }) => {
      const names = (type: "Ordered" | "Applied") =>
        events.flatMap((event): string[] => {
          if (event.type === `Signature${type}` && "signatoryId" in event) return [event.signatoryId];
          return event.type === `Seal${type}` && "step" in event ? [`seal ${event.step}`] : [];
        });
      const ordered = names("Ordered");
      expect(new Set(ordered).size).to.equal(ordered.length);
      expect(names("Applied")).to.deep.equal(ordered.slice(0, names("Applied").length));
    });
  });

  it("does its steps in order, each as a whole", () => {
    always((told) => {
      for (const { before, after } of told.turns) {
        expect(after.currentStep - before.currentStep).to.be.oneOf([0, 1]);
        after.steps.forEach((step, n) => {
          if ("seal" in step) return;
          const states = step.signatories.map((id) => after.signatories[id]?.status);
          if (n < after.currentStep) expect(new Set(states)).to.deep.equal(new Set(["signed"]));
          if (n > after.currentStep) expect(new Set(states)).to.deep.equal(new Set(["waiting"]));
        });
        if (after.status === "completed") expect(after.currentStep).to.equal(after.steps.length);
      }
    });
  });

  it("moves its documents by signatures and seals only, all of them, from the bytes that were there", () => {
    always((told) => {
      for (const { decision, before, after } of told.turns) {
        // Nothing is frozen before the launch.
        if (before.launchedAt === undefined && after.launchedAt === undefined) continue;
        const applied = decision.happened.find(
          ({ type }) => type === "SignatureApplied" || type === "SealApplied",
        );
        if (applied?.type !== "SignatureApplied" && applied?.type !== "SealApplied") {
          expect(after.documents).to.deep.equal(before.documents);
          continue;
        }
        expect(applied.documents.map((one) => one.before)).to.deep.equal(
          before.documents.map(({ head }) => head),
        );
        expect(applied.documents.map((one) => one.after)).to.deep.equal(
          after.documents.map(({ head }) => head),
        );
        expect(after.documents.map(({ revisions }) => revisions - 1)).to.deep.equal(
          before.documents.map(({ revisions }) => revisions),
        );
      }
    });
  });

  it("has the first of its queue made by one effect, and nothing else in the making", () => {
    always((told) => {
      told.turns.forEach(({ after }, n) => {
        const making = outstanding(told.turns.slice(0, n + 1)).map((effect) =>
          effect.kind === "seal"
            ? { seal: effect.step }
            : { signatoryId: "signatoryId" in effect && effect.signatoryId },
        );
        // What had failed when the collecte ended is never made.
        expect(hasEnded(after) ? [] : making).to.deep.equal(after.ordered.slice(0, 1));
      });
    });
  });

  it("has the deadline as its timer as long as it is launched, then the purge, then the forgetting", () => {
    always((told) => {
      for (const { after } of told.turns) {
        const names = timersOf(after).map(({ name }) => name);
        const isOpen = after.status === "launched";
        expect(names.includes("expiry")).to.equal(isOpen);
        expect(names.includes("purge")).to.equal(hasEnded(after) && after.purgingAt === undefined);
        expect(names.includes("forget")).to.equal(after.status === "purged" && !after.forgottenAt);
        const { dueAt } = timersOf(after).find(({ name }) => name === "reminder") ?? { dueAt: 0 };
        expect(dueAt).to.be.below(after.expiresAt ?? 1);
      }
    });
  });

  it("never ends early, and tells the preparer once why it ended", () => {
    always((told) => {
      for (const { decision, after } of told.turns) {
        if (!decision.happened.some(({ type }) => type === "CollecteExpired")) continue;
        expect(after.endedAt).to.be.at.least(after.expiresAt ?? Number.POSITIVE_INFINITY);
      }
      const letters = told.effects.filter(
        (effect) => effect.kind === "mail" && (effect.notice === "refused" || effect.notice === "expired"),
      );
      const end = told.state.endedAs ?? told.state.status;
      const sadEnd = end === "refused" || end === "expired";
      expect(letters).to.have.length(sadEnd ? 1 : 0);
    });
  });

  it("can still end: what is being made is made, then the deadline comes", () => {
    always((told) => {
      let sofar = told.state.status === "draft" ? told.launched() : told;
      sofar = sofar.at(Math.max(sofar.now, sofar.state.expiresAt ?? 0));
      for (let n = 0; !hasEnded(sofar.state) && outstanding(sofar.turns).length > 0; n++) {
        expect(n, "signatures and seals have no end").to.be.lessThan(20);
        sofar = sofar.applied();
      }
      if (!hasEnded(sofar.state)) sofar = sofar.told({ type: "ExpireCollecte", at: sofar.now });
      expect(hasEnded(sofar.state)).to.equal(true);
    });
  });

  it("can still be completed as long as nobody is locked and the clock goes on", () => {
    always((told) => {
      let sofar = told;
      const last = () => Math.max(sofar.now, ...sofar.turns.map(({ command }) => command.at));
      const stuck = () =>
        hasEnded(sofar.state) || Object.values(sofar.state.signatories).some(({ locked }) => locked);
      const latest = last() + 60 * 31 * 60_000;
      fc.pre(!stuck() && (sofar.state.status === "draft" || latest < (sofar.state.expiresAt ?? 0)));
      sofar = sofar.at(last());
      for (let n = 0; !hasEnded(sofar.state); n++) {
        expect(n, "nothing leads to the end").to.be.lessThan(60);
        const command = wellPlayed(sofar, 0);
        if (!command) throw new Error("there is nothing to do");
        const next = sofar.told(command);
        // A code that is dead, worn out or void: half an hour later there is always another.
        sofar = accepted(next.turns.at(-1) as Turn) ? next : anotherCode(next.after(30 * 60_000));
      }
      expect(sofar.state.status).to.equal("completed");
    });
  });
});

function anotherCode(told: ToldCollecte): ToldCollecte {
  const next = Object.values(told.state.signatories).find(({ status }) => status === "invited");
  return next ? told.told(told.consent(next.id)) : told;
}
