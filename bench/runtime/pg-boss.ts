import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import PgBoss from "pg-boss";
import { type Figures, figuresOf } from "./figures.ts";
import { checkLedgers, enter, makeLedgers } from "./ledger-tables.ts";

const batchSize = 200;
const queue = "ledger";

/** `driven`: by a loop of ours that fetches the next batch at once; `own`: by its worker at its shortest pause. */
export type Drive = "own" | "driven";

/** pg-boss on its policy that lets one job of a key run at a time, oldest first. */
export async function benchPgBoss(
  databaseUrl: string,
  drive: Drive,
  { actors, commands, callers }: { actors: number; commands: number; callers: number },
): Promise<Figures> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
  const boss = new PgBoss({ connectionString: databaseUrl, max: 10, supervise: false, schedule: false });
  const failures: Error[] = [];
  boss.on("error", (error) => failures.push(error));
  await boss.start();
  try {
    await makeLedgers(pool, actors);
    await boss.createQueue(queue, { name: queue, policy: "singleton" });
    const sent = new Map<string, number>();
    const waits: number[] = [];
    const turns = Array.from({ length: commands }, (_, n) => n).values();
    const send = async () => {
      for (const n of turns) {
        const key = n % actors;
        const id = `${key}:${Math.floor(n / actors)}`;
        sent.set(id, performance.now());
        await boss.send(queue, { key, id }, { singletonKey: String(key) });
      }
    };
    const act = async (jobs: PgBoss.Job<Order>[]) => {
      await Promise.all(jobs.map(({ data }) => enter(pool, data.key, data.id)));
      for (const { data } of jobs) waits.push(performance.now() - (sent.get(data.id) ?? 0));
    };
    const start = performance.now();
    const consume =
      drive === "own"
        ? () => ownWorker(boss, act, () => waits.length >= commands)
        : () => ownLoop(boss, act, () => waits.length >= commands);
    await Promise.all([...Array.from({ length: callers }, send), consume()]);
    const seconds = (performance.now() - start) / 1000;
    if (failures[0]) throw failures[0];
    await checkLedgers(pool, commands);
    const how = drive === "own" ? "its own worker" : "driven by a loop of ours";
    return figuresOf(`pg-boss, strict order per key, ${how}`, commands, { seconds, waits });
  } finally {
    await boss.stop({ graceful: false, wait: true });
    await pool.end();
  }
}

interface Order {
  key: number;
  id: string;
}

type Act = (jobs: PgBoss.Job<Order>[]) => Promise<void>;

async function ownLoop(boss: PgBoss, act: Act, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const jobs = await boss.fetch<Order>(queue, { batchSize });
    await act(jobs);
    if (jobs.length > 0)
      await boss.complete(
        queue,
        jobs.map(({ id }) => id),
      );
  }
}

async function ownWorker(boss: PgBoss, act: Act, isOver: () => boolean): Promise<void> {
  await boss.work<Order>(queue, { batchSize, pollingIntervalSeconds: 0.5 }, act);
  while (!isOver()) await pause(20);
}
