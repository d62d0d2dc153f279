import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { collecteDecider } from "../../src/actors/collecte/decider.ts";
import { type Committer, createCommitter } from "../../src/actors/runtime/committer.ts";
import { newId } from "../../src/actors/runtime/ids.ts";
import { lawsOf } from "../../src/actors/runtime/laws.ts";
import type { Message } from "../../src/actors/runtime/ports.ts";
import { createSecrets } from "../../src/actors/runtime/secrets.ts";
import { openStore, type Store } from "../../src/store/store.ts";

/*
 * How many commands a second are accepted and durable (SQLite: WAL, synchronous=FULL; PostgreSQL: synchronous_commit and fsync on), by how many callers ask at once.
 * Each caller makes a collecte, then launches it, and so on; a launch orders a mail, a link and a timer.
 *
 *   [DATABASE_URL=postgres://…] node dist/bench/runtime/committer.js [seconds a line] [folder]
 *
 * With DATABASE_URL the same is measured on that PostgreSQL after SQLite, in one run: its tables grow by what is made.
 */
const seconds = Number(process.argv[2] ?? 3);
const root = process.argv[3] ?? ".";
const clock = { now: () => Date.now() };
const url = process.env["DATABASE_URL"];
const secrets = createSecrets(Buffer.alloc(32, "bench"));

function messages(id: string): Message[] {
  const at = clock.now();
  const person = { name: "Zoé Müller", email: "zoe@client.example", phone: "+33612345678" };
  const document = { id: "d1", sha256: "a".repeat(64), bytes: 50_000, pages: 2 };
  const create = {
    type: "CreateCollecte",
    firmId: "firm",
    language: "fr",
    documents: [document],
    steps: [{ signatories: ["s1"] }, { seal: true }],
    copies: [],
    members: {},
    at,
    personal: { title: "Lettre de mission", people: { s1: person } },
  };
  return [create, { type: "LaunchCollecte", at }].map((command, n) => ({
    id: `${id}:${n}`,
    actorId: id,
    kind: "collecte",
    firmId: "firm",
    command,
  }));
}

async function measure(
  callers: number,
  postgres?: { url: string; lanes: number },
): Promise<Record<string, string | number>> {
  const folder = await mkdtemp(join(root, "bench-"));
  const store: Store = await openStore(folder, secrets, clock, postgres);
  let transactions = 0;
  const committer: Committer = createCommitter({
    journal: {
      lanes: store.journal.lanes ?? 1,
      transaction(work, lane) {
        transactions++;
        return store.journal.transaction(work, lane);
      },
    },
    laws: lawsOf(collecteDecider),
    clock,
    groupLimit: 500,
    queueLimit: 10_000,
    log: { info() {}, warn() {}, error() {} },
    leaseLimits: { mail: 32 },
    leaseMs: 60_000,
    handOn: () => undefined,
  });
  const waits: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < end) {
        for (const message of messages(newId("col", clock.now()))) {
          const asked = performance.now();
          const outcome = await committer.accept(message);
          if (outcome.status !== "done") throw new Error(outcome.status);
          waits.push(performance.now() - asked);
        }
      }
    }),
  );
  const elapsed = (performance.now() - start) / 1000;
  await committer.stop();
  await store.close();
  await rm(folder, { recursive: true });
  waits.sort((one, other) => one - other);
  const quantile = (q: number) => (waits[Math.floor(q * (waits.length - 1))] ?? 0).toFixed(1);
  return {
    store: `${store.kind}${postgres ? `, lanes: ${postgres.lanes}` : ""}`,
    callers,
    "commands/s": Math.round(waits.length / elapsed),
    "a transaction": (waits.length / transactions).toFixed(1),
    "transactions/s": Math.round(transactions / elapsed),
    "p50 ms": quantile(0.5),
    "p99 ms": quantile(0.99),
  };
}

const lines: Record<string, string | number>[] = [];
for (const callers of [1, 32, 256]) {
  lines.push(await measure(callers));
  if (url) for (const lanes of [1, 2]) lines.push(await measure(callers, { url, lanes }));
}
console.table(lines);
