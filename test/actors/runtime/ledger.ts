import {
  type Committer,
  type CommitterOptions,
  createCommitter,
} from "../../../src/actors/runtime/committer.ts";
import { lawsOf } from "../../../src/actors/runtime/laws.ts";
import type { Decider, Journal, Log, Message } from "../../../src/actors/runtime/ports.ts";
import { createSecrets } from "../../../src/actors/runtime/secrets.ts";
import { stoppedClock, type TestClock } from "../../support/clock.ts";
import { createMemoryStore, type MemoryStore } from "../../support/memory-journal.ts";

/** A ledger: the smallest law in which order, doubles and losses can be seen. */
export interface Ledger {
  status: "open" | "full";
  /** The words of all entries, in order. */
  entries: string[];
  bellAt?: number;
}

export interface Entry {
  type: "Enter" | "Ring" | "Told";
  at: number;
  word?: string;
  /** Effects that the entry orders. */
  orders?: string[];
  bellAt?: number;
  /** Where the law breaks, if it does. */
  breaks?: "decide" | "evolve" | "effectsOf" | "timersOf";
}

type Entered = Entry & { type: "Enter" | "Ring" | "Told" };

/** Its kind is that of a collecte, since answers of effects go to collectes. */
export const ledgerLaw: Decider<Ledger, Entry, Entered> = {
  kind: "collecte",
  nothing: { status: "open", entries: [] },
  decide(state, command) {
    if (command.breaks === "decide") throw new Error(`+33612345678 broke ${command.word}`);
    if (command.type === "Ring") {
      if (state.bellAt === undefined || command.at < state.bellAt)
        return { happened: [], refused: "not_due" };
    }
    if (command.word === "later" && state.entries.length === 0) {
      return { happened: [], refused: "too_soon", facts: { retryAfterSeconds: 60 } };
    }
    if (command.word === "refused") return { happened: [], refused: "no_such_word", facts: { words: 1 } };
    return { happened: [command] };
  },
  evolve(state, event) {
    if (event.breaks === "evolve") throw new Error("evolve broke");
    const { bellAt: _, ...rest } = state;
    const bellAt = event.type === "Ring" ? undefined : (event.bellAt ?? state.bellAt);
    const entries = [...state.entries, event.word ?? event.type];
    return { ...rest, entries, ...(bellAt !== undefined && { bellAt }) };
  },
  effectsOf(event) {
    if (event.breaks === "effectsOf") throw new Error("effectsOf broke");
    return (event.orders ?? []).map((kind) => ({ kind }));
  },
  timersOf(state) {
    if (state.entries.includes("timersOf breaks")) throw new Error("timersOf broke");
    return state.bellAt === undefined ? [] : [{ name: "bell", dueAt: state.bellAt }];
  },
  onTimer: (_name, at) => ({ type: "Ring", at }),
};

export const ledgerLaws = lawsOf(ledgerLaw);

export const secrets = createSecrets(Buffer.alloc(32, "runtime tests"));

export interface Bench extends MemoryStore {
  clock: TestClock;
  committer: Committer;
  /** How many transactions were tried. */
  transactions(): number;
  claimed: { id: string; attempts: number; kind: string }[];
  entriesOf(actorId: string): string[];
}

/** A committer on a journal in memory. `around` may stand between them. */
export function aBench(
  options: Partial<CommitterOptions> = {},
  around: (journal: Journal) => Journal = (journal) => journal,
): Bench {
  const store = createMemoryStore(secrets);
  const clock = stoppedClock();
  const claimed: Bench["claimed"] = [];
  let transactions = 0;
  const journal = around(store.journal);
  const counting: Journal = {
    lanes: journal.lanes ?? 1,
    transaction(work, lane) {
      transactions++;
      return journal.transaction(work, lane);
    },
  };
  const committer = createCommitter({
    journal: counting,
    laws: ledgerLaws,
    clock,
    groupLimit: 500,
    queueLimit: 10_000,
    log: aLog(),
    leaseLimits: { mail: 32, sms: 32, fax: 32 },
    leaseMs: 60_000,
    handOn: (jobs) => claimed.push(...jobs),
    ...options,
  });
  return {
    ...store,
    clock,
    committer,
    claimed,
    transactions: () => transactions,
    entriesOf: (actorId) => (store.tables.actors.get(actorId)?.state as Ledger | undefined)?.entries ?? [],
  };
}

let count = 0;

/** A message that enters a word; the instant is that of the tests' clock. */
export function enter(
  actorId: string,
  word: string,
  more: Partial<Message> & { entry?: Partial<Entry> } = {},
): Message {
  const { entry, ...message } = more;
  const command: Entry = { type: "Enter", at: Date.UTC(2026, 10, 30, 9), word, ...entry };
  return { id: `message-${++count}`, actorId, kind: "collecte", firmId: "firm-a", command, ...message };
}

/** A log that remembers its lines. */
export function aLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  const write = (level: string) => (facts: Record<string, unknown>, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(facts)}`);
  return { lines, info: write("info"), warn: write("warn"), error: write("error") };
}
