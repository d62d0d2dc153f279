import { DateTime } from "luxon";
import type { Event } from "../../src/actors/collecte/events.ts";
import type { Step } from "../../src/actors/collecte/state.ts";

const dayMs = 24 * 3_600_000;
const fifteenDays = 15 * dayMs;

/**
 * The rules of the product over all changes of a collecte, counted anew from its events alone: who may act by which
 * link, who is to sign what, until when, and what is kept for how long. Believes nothing of the law's own state.
 */
export class Course {
  readonly #blame: (rule: string) => void;
  /** The living link of each signatory who may act. */
  readonly #links = new Map<string, number>();
  /** The codes that may still be used. */
  readonly #codes = new Map<string, string>();
  readonly #left = new Set<string>();
  #years = 5;
  #abandonedAt = 0;
  #deadline = 0;
  #endedAt = 0;
  #purgedAt = Number.POSITIVE_INFINITY;

  constructor(blame: (rule: string) => void) {
    this.#blame = blame;
  }

  follow(event: Event, sessions: ReadonlyMap<string, number>): void {
    switch (event.type) {
      case "CollecteCreated":
      case "DraftRevised":
        this.#mustBe(this.#deadline === 0, "the launch freezes the plan");
        this.#left.clear();
        for (const name of namesIn(event.steps)) this.#left.add(name);
        this.#years = event.terms?.evidenceYears ?? 5;
        this.#abandonedAt = event.at + (event.terms?.draftDays ?? 90) * dayMs;
        break;
      case "DraftAbandoned":
        this.#mustBe(
          this.#deadline === 0 && event.at >= this.#abandonedAt,
          "only drafts are given up, in time",
        );
        this.#endedAt = event.at;
        break;
      case "CollecteLaunched":
        this.#deadline = event.at + fifteenDays;
        this.#mustBe(event.expiresAt === this.#deadline, "15 days from the launch");
        break;
      case "SignatoriesReminded":
        this.#inTime(event.at);
        this.#deadline += fifteenDays;
        this.#mustBe(event.expiresAt === this.#deadline, "15 days more from the deadline for each reminder");
        break;
      case "SignatoryInvited":
        this.#mustBe(this.#left.has(event.signatoryId), "only who is to sign is invited");
        this.#links.set(event.signatoryId, event.linkGeneration);
        break;
      case "OrderChanged":
        this.#inTime(event.at);
        this.#mustBe(isSame(namesIn(event.steps), [...this.#left]), "an order change loses nobody");
        for (const step of event.steps)
          if ("signatories" in step) for (const id of step.signatories) this.#die(id);
        break;
      case "SignatoryReplaced":
        this.#inTime(event.at);
        this.#die(event.signatoryId);
        this.#mustBe(this.#left.delete(event.signatoryId), "only who is to sign is replaced");
        this.#left.add(event.replacementId);
        break;
      case "PersonCorrected":
        this.#die(event.personId);
        break;
      case "ConsentGiven": {
        this.#inTime(event.at);
        const generation = sessions.get(event.sessionId);
        const isAlive = event.sessionId === "parapheur" || generation === this.#links.get(event.signatoryId);
        this.#mustBe(isAlive && this.#links.has(event.signatoryId), "nobody acts by a link of before");
        break;
      }
      case "OtpIssued":
        this.#codes.set(event.otpId, event.signatoryId);
        break;
      case "OtpConsumed":
        this.#mustBe(this.#codes.get(event.otpId) === event.signatoryId, "no code outlives its link");
        break;
      case "SignatureOrdered":
        this.#inTime(event.at);
        this.#mustBe(this.#left.has(event.signatoryId), "only who is to sign signs");
        break;
      case "SignatureApplied":
        this.#mustBe(this.#left.delete(event.signatoryId), "each signatory once");
        break;
      case "SealApplied":
        this.#mustBe(this.#left.delete(`seal ${event.step}`), "each seal once");
        break;
      case "CollecteCompleted":
        this.#mustBe(this.#left.size === 0, "completed by all of the plan");
        this.#endedAt = event.at;
        break;
      case "CollecteExpired":
        this.#mustBe(event.at >= this.#deadline, "nothing expires early");
        this.#endedAt = event.at;
        break;
      case "CollecteRefused":
        this.#mustBe(this.#links.has(event.signatoryId), "nobody acts by a link of before");
        this.#endedAt = event.at;
        break;
      case "CollecteCancelled":
        this.#endedAt = event.at;
        break;
      case "PurgeBegun":
        this.#mustBe(event.at >= this.#afterTheEnd({ months: 1 }), "nothing is purged within its month");
        break;
      case "CollectePurged":
        this.#purgedAt = event.at;
        break;
      case "DocumentsAccessed":
        this.#mustBe(event.at < this.#purgedAt, "nothing is served after the purge");
        break;
      case "PeopleForgotten":
        this.#mustBe(event.at >= this.#afterTheEnd({ years: this.#years }), "evidence is kept for its years");
        break;
      default:
    }
  }

  #die(signatoryId: string): void {
    this.#links.delete(signatoryId);
    for (const [otpId, of] of this.#codes) if (of === signatoryId) this.#codes.delete(otpId);
  }

  #inTime(at: number): void {
    this.#mustBe(at < this.#deadline, "nobody acts after the deadline");
  }

  #afterTheEnd(time: { months: number } | { years: number }): number {
    return DateTime.fromMillis(this.#endedAt, { zone: "utc" }).plus(time).toMillis();
  }

  #mustBe(isSo: boolean, rule: string): void {
    if (!isSo) this.#blame(rule);
  }
}

function namesIn(steps: readonly Step[]): string[] {
  return steps.flatMap((step, i) => ("seal" in step ? [`seal ${step.key ?? i}`] : step.signatories));
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return [...one].sort().join() === [...other].sort().join();
}
