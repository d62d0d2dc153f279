import { timersOf } from "../../src/actors/collecte/effects.ts";
import type { Event } from "../../src/actors/collecte/events.ts";
import { evolve } from "../../src/actors/collecte/evolve.ts";
import { levelNow } from "../../src/actors/collecte/level-now.ts";
import type { PadesLevel } from "../../src/actors/collecte/levels.ts";
import { type Collecte, hasEnded, nothing } from "../../src/actors/collecte/state.ts";
import { canonicalJson } from "../../src/actors/runtime/canonical-json.ts";
import type { EventRow } from "../../src/actors/runtime/ports.ts";
import { hashOf } from "../../src/store/chain.ts";
import type { MemoryTables } from "../support/memory-journal.ts";
import { Course } from "./course.ts";

type Applied = Extract<Event, { type: "SignatureApplied" | "SealApplied" }>;
type Blame = (rule: string, detail: string) => void;

const timerNames = ["expiry", "reminder", "purge_warning", "purge", "forget"] as const;

/** All that may still be put on the record of a collecte that has ended. */
const afterTheEnd: ReadonlySet<Event["type"]> = new Set([
  "NotificationSent",
  "NotificationDelivered",
  "NotificationFailed",
  "PersonCorrected",
  "DocumentsAccessed",
  "EvidenceFiled",
  "DocumentsDelivered",
  "UpkeepFailed",
  "PurgeAnnounced",
  "PurgeBegun",
  "CollectePurged",
  "PeopleForgotten",
]);

/** What a judge remembers of one collecte: its events as they were committed, and the state that follows of them. */
export class Record {
  readonly #id: string;
  readonly #blame: Blame;
  readonly #seen: EventRow[] = [];
  readonly #messages = new Map<string, number>();
  readonly #consumed = new Set<string>();
  readonly #ordered = new Set<string>();
  readonly #applied = new Set<string>();
  readonly #course = new Course((rule) => this.#blame(rule, this.#id));
  readonly #sessions: ReadonlyMap<string, number>;
  state: Collecte = nothing;
  headHash = "";

  /** `sessions`: of which link each session of a signatory is. */
  constructor(id: string, sessions: ReadonlyMap<string, number>, blame: Blame) {
    this.#sessions = sessions;
    this.#id = id;
    this.#blame = blame;
  }

  get version(): number {
    return this.#seen.at(-1)?.version ?? 0;
  }

  /** The version that a message led to, if it led to events. */
  versionOf(messageId: string): number | undefined {
    return this.#messages.get(messageId);
  }

  /** Compares the tables with what was seen, and judges what is new. */
  follow(tables: MemoryTables, blobs: ReadonlyMap<string, PadesLevel>, latestClock: number): void {
    const events = tables.events.get(this.#id) ?? [];
    const kept = this.#seen.every((event, i) => events[i] === event);
    if (!kept) this.#blame("no event is changed or lost", this.#id);
    for (const event of events.slice(this.#seen.length)) this.#add(event, blobs, latestClock);
    const actor = tables.actors.get(this.#id);
    if (!actor || actor.version !== this.version || !isSame(actor.state, this.state)) {
      this.#blame(
        "replay gives the state",
        `${this.#id} at version ${actor?.version}, replay ${this.version}`,
      );
    }
    const wanted = new Map(timersOf(this.state).map(({ name, dueAt }) => [name, dueAt]));
    for (const name of timerNames) {
      const stored = tables.timers.get(`${this.#id} ${name}`)?.dueAt;
      if (wanted.get(name) !== stored)
        this.#blame("no timer is lost", `${this.#id} ${name}: ${wanted.get(name)}, stored ${stored}`);
    }
  }

  /** The hash chain over all events, computed anew. */
  chain(): string {
    return this.#seen.reduce((hash, event) => link(event, hash), "");
  }

  #add(row: EventRow, blobs: ReadonlyMap<string, PadesLevel>, latestClock: number): void {
    const event = row.data as Event;
    const last = this.#seen.at(-1);
    const follows =
      row.n === 0
        ? row.version === (last?.version ?? 0) + 1
        : row.version === last?.version && row.n === last.n + 1 && row.messageId === last.messageId;
    if (!follows) this.#blame("events follow one another", `${this.#id} ${row.version}.${row.n} ${row.type}`);
    if (row.n === 0) {
      if (this.#messages.has(row.messageId))
        this.#blame("no message happens twice", `${row.messageId} in ${this.#id}`);
      this.#messages.set(row.messageId, row.version);
    }
    if (hasEnded(this.state) && !afterTheEnd.has(event.type))
      this.#blame("a finished collecte never moves", `${this.#id} ${event.type}`);
    this.#judge(event, last?.data as Event | undefined, blobs, latestClock);
    this.#course.follow(event, this.#sessions);
    this.state = evolve(this.state, event);
    this.#seen.push(row);
    this.headHash = link(row, this.headHash);
  }

  #judge(
    event: Event,
    last: Event | undefined,
    blobs: ReadonlyMap<string, PadesLevel>,
    latestClock: number,
  ): void {
    switch (event.type) {
      case "SignatureOrdered": {
        const { signatoryId, otpId } = event;
        const isAccepted =
          event.memberId === undefined
            ? last?.type === "OtpConsumed" && last.otpId === otpId
            : last?.type === "ConsentGiven" && last.signatoryId === signatoryId;
        if (!isAccepted || this.#consumed.has(otpId))
          this.#blame("no signature without a code used once", `${this.#id} ${signatoryId}`);
        this.#consumed.add(otpId);
        this.#once(this.#ordered, signatoryId, "one order for each signatory and seal");
        break;
      }
      case "SealOrdered":
        this.#once(this.#ordered, `seal ${event.step}`, "one order for each signatory and seal");
        break;
      case "SignatureApplied":
        this.#apply(event.signatoryId, event, blobs);
        break;
      case "SealApplied":
        this.#apply(`seal ${event.step}`, event, blobs);
        break;
      case "CollecteExpired":
        if (event.at > latestClock) this.#blame("nothing expires early", this.#id);
        break;
      case "CollectePurged":
        for (const { past = [], head } of this.state.documents)
          if ([...past, head].some((sha256) => blobs.has(sha256)))
            this.#blame("what is purged is gone", this.#id);
        break;
      default:
    }
  }

  #apply(who: string, { documents, level }: Applied, blobs: ReadonlyMap<string, PadesLevel>): void {
    if (!this.#ordered.has(who)) this.#blame("nothing is signed that was not ordered", `${this.#id} ${who}`);
    this.#once(this.#applied, who, "each signature and seal once");
    this.state.documents.forEach(({ id, head }, i) => {
      const signed = documents[i];
      if (signed?.id !== id || signed.before !== head)
        this.#blame("each document's revisions follow one another", `${this.#id} ${id} by ${who}`);
      if (!signed || !blobs.has(signed.after))
        this.#blame("signed bytes are kept before they are recorded", `${this.#id} ${id} by ${who}`);
      if (!signed || blobs.get(signed.after) !== level || level !== levelNow(this.state))
        this.#blame("no level is claimed but the file's, and none but what was asked", `${this.#id} ${id}`);
    });
  }

  #once(set: Set<string>, name: string, rule: string): void {
    if (set.has(name)) this.#blame(rule, `${this.#id} ${name}`);
    set.add(name);
  }
}

function link({ data, ...event }: EventRow, hash: string): string {
  return hashOf({ ...event, data: canonicalJson(data) }, hash);
}

function isSame(one: unknown, other: unknown): boolean {
  // Nearly always they are alike to the letter, which is cheaper to see.
  return JSON.stringify(one) === JSON.stringify(other) || canonicalJson(one) === canonicalJson(other);
}
