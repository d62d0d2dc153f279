import { expect } from "chai";
import fc from "fast-check";
import { monthsAfter } from "../../../src/actors/collecte/calendar.ts";
import type { Event } from "../../../src/actors/collecte/events.ts";
import { type Collecte, hasEnded, sealKey } from "../../../src/actors/collecte/state.ts";
import type { ToldCollecte } from "../../support/collecte-builder.ts";
import { histories } from "./random-histories.ts";

function always(law: (told: ToldCollecte) => void): void {
  fc.assert(fc.property(histories, law), { numRuns: 400 });
}

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;
const are = <T extends Event["type"]>(events: readonly Event[], type: T) =>
  events.filter((event): event is Of<T> => event.type === type);

const everyType: readonly Event["type"][] = [
  "CollecteCreated",
  "DraftRevised",
  "DraftAbandoned",
  "CollecteLaunched",
  "SignatoryInvited",
  "ConsentGiven",
  "OtpIssued",
  "OtpFailed",
  "OtpConsumed",
  "SignatoryLocked",
  "SignatoryUnlocked",
  "SignatureOrdered",
  "SignatureApplied",
  "SealAwaited",
  "SealOrdered",
  "SealApplied",
  "SigningFailed",
  "SigningDelayed",
  "SigningRetried",
  "OrderChanged",
  "SignatoryReplaced",
  "PersonCorrected",
  "SignatoriesReminded",
  "CollecteRefused",
  "CollecteCancelled",
  "CollecteExpired",
  "CollecteCompleted",
  "NotificationSent",
  "NotificationDelivered",
  "NotificationFailed",
  "DocumentsAccessed",
  "EvidenceFiled",
  "DocumentsDelivered",
  "UpkeepFailed",
  "PurgeAnnounced",
  "PurgeBegun",
  "CollectePurged",
  "PeopleForgotten",
];

/** Signatories and keys of seals, in no order. */
function work({ steps }: Pick<Collecte, "steps">): string[] {
  return steps
    .flatMap((step, i) => ("seal" in step ? [`seal ${sealKey(step, i)}`] : step.signatories))
    .sort();
}

/** Whether an event puts an end to the links that somebody has. */
function endsLinksOf(id: string, event: Event): boolean {
  switch (event.type) {
    case "OrderChanged":
      return event.steps.some((step) => "signatories" in step && step.signatories.includes(id));
    case "PersonCorrected":
      return event.personId === id;
    case "SignatoryReplaced":
      return event.signatoryId === id;
    default:
      return false;
  }
}

describe("whatever is changed of a collecte", function () {
  this.timeout(60_000);

  it("is tried on histories in which everything happens", () => {
    const types = new Set<string>();
    for (const { events } of fc.sample(histories, { numRuns: 3_000, seed: 1 }))
      for (const { type } of events) types.add(type);
    expect([...types].sort()).to.eql([...everyType].sort());
  });

  it("has the deadline at its launch, 15 days, and 15 days more for each reminder", () => {
    always(({ turns }) => {
      let reminders = 0;
      for (const { decision, after } of turns) {
        reminders += are(decision.happened, "SignatoriesReminded").length;
        if (after.launchedAt === undefined) continue;
        expect(after.expiresAt).to.equal(after.launchedAt + (1 + reminders) * 15 * 24 * 3_600_000);
      }
    });
  });

  it("keeps each signatory and each seal of the plan once, but for who is replaced", () => {
    always(({ turns }) => {
      const places = new Map<string, string>();
      let plan: string[] = [];
      for (const { decision, after } of turns) {
        for (const event of decision.happened) {
          if (event.type === "CollecteCreated" || event.type === "DraftRevised") plan = work(event);
          if (event.type === "SignatoryReplaced") places.set(event.signatoryId, event.replacementId);
        }
        const now = (id: string): string => (places.has(id) ? now(places.get(id) as string) : id);
        expect(work(after)).to.eql(plan.map(now).sort());
      }
    });
  });

  it("is completed by each of them once, and by nobody else", () => {
    always(({ events, state }) => {
      const signed = are(events, "SignatureApplied").map(({ signatoryId }) => signatoryId);
      const sealed = are(events, "SealApplied").map(({ step }) => `seal ${step}`);
      const made = [...signed, ...sealed];
      expect(new Set(made).size).to.equal(made.length);
      if ((state.endedAs ?? state.status) === "completed") expect(made.sort()).to.eql(work(state));
      for (const { signatoryId } of are(events, "SignatoryReplaced"))
        expect(made).not.to.include(signatoryId);
    });
  });

  it("takes nothing by a link of before", () => {
    always(({ turns, events: all }) => {
      let events: Event[] = [];
      for (const { command, decision, before } of turns) {
        if ("linkGeneration" in command && decision.refused === undefined) {
          const { signatoryId: id, linkGeneration } = command;
          expect(before.signatories[id]?.linkGeneration).to.equal(linkGeneration);
          const invited = events.findLastIndex(
            (event) => event.type === "SignatoryInvited" && event.signatoryId === id,
          );
          expect(events[invited]).to.include({ linkGeneration });
          expect(events.slice(invited).some((event) => endsLinksOf(id, event))).to.equal(false);
        }
        events = [...events, ...decision.happened];
      }
      expect(events).to.have.length(all.length);
    });
  });

  it("gives each invitation of somebody another link, and none that they had", () => {
    always(({ events }) => {
      const last = new Map<string, number>();
      for (const { signatoryId, linkGeneration } of are(events, "SignatoryInvited")) {
        expect(linkGeneration).to.be.above(last.get(signatoryId) ?? 0);
        last.set(signatoryId, linkGeneration);
      }
    });
  });

  it("loses nothing that was accepted, but what failed for good when it ended", () => {
    always(({ turns }) => {
      for (const { before, after } of turns) {
        if (before.ordered.length === 0 || !hasEnded(after) || hasEnded(before)) continue;
        if (before.trouble === undefined) expect(before.ordered).to.have.length(1);
      }
      for (const { before, after, decision } of turns) {
        const isApplied = decision.happened.some(({ type }) => /^(Signature|Seal)Applied$/.test(type));
        const left = isApplied ? before.ordered.slice(1) : before.ordered;
        if (!hasEnded(after)) expect(after.ordered.slice(0, left.length)).to.eql(left);
        else if (before.trouble === undefined) expect(left).to.eql([]);
      }
    });
  });

  it("has no signature or approval of a member who is not asked and has no delegation", () => {
    always(({ turns }) => {
      for (const { command, decision, before } of turns) {
        if (decision.refused !== undefined || command.type !== "SignAsMember") continue;
        const asked = before.signatories[command.signatoryId]?.memberId;
        expect(asked).not.to.equal(undefined);
        if (command.delegationId === undefined) expect(command.memberId).to.equal(asked);
      }
    });
  });

  it("is purged a month after its end and forgotten five years after, never earlier, and nothing is served then", () => {
    always(({ events, effects, state, turns }) => {
      const end = state.endedAt ?? 0;
      for (const { at } of are(events, "PurgeBegun")) expect(at).to.be.at.least(monthsAfter(end, 1));
      for (const { at } of are(events, "PeopleForgotten")) expect(at).to.be.at.least(monthsAfter(end, 60));
      expect(are(events, "PurgeBegun").length).to.be.at.most(1);
      expect(effects.filter(({ kind }) => kind === "purge").length).to.equal(
        are(events, "PurgeBegun").length,
      );
      for (const { before, decision, effects: ordered } of turns) {
        if (before.status !== "purged") continue;
        for (const { at } of are(decision.happened, "DocumentsAccessed"))
          expect(at).to.be.below(before.purgedAt ?? 0);
        expect(ordered.filter((effect) => "link" in effect)).to.eql([]);
      }
    });
  });

  it("has no task for who was replaced, nor once it has ended unsigned by anything that fails then", () => {
    always(({ turns }) => {
      for (const { before, after } of turns) {
        for (const { personId } of Object.values(after.tasks ?? {}))
          expect(after.replaced ?? []).not.to.include(personId);
        if (hasEnded(before) && before.status !== "completed")
          expect(Object.keys(after.tasks ?? {}).length).to.be.at.most(Object.keys(before.tasks ?? {}).length);
      }
    });
  });
});
