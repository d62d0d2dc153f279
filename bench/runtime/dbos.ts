import { DBOS } from "@dbos-inc/dbos-sdk";
import pg from "pg";
import { type Figures, figuresOf } from "./figures.ts";
import { checkLedgers, enter, makeLedgers } from "./ledger-tables.ts";

const queueName = "ledger";
let registered: ((key: number, id: string) => Promise<number>) | undefined;
let pool: pg.Pool | undefined;

/** `queue`: DBOS keeps each key's order, by a queue partitioned by key; `callers`: its callers do, and it need not. */
export type Order = "queue" | "callers";

/** DBOS: each command is a durable workflow of one step, started by `callers` callers that wait for its result. */
export async function benchDbos(
  databaseUrl: string,
  order: Order,
  { actors, commands, callers }: { actors: number; commands: number; callers: number },
): Promise<Figures> {
  pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
  const work = pool;
  await makeLedgers(work, actors);
  registered ??= DBOS.registerWorkflow(
    (key: number, id: string) => DBOS.runStep(() => enter(pool as pg.Pool, key, id), { name: "enter" }),
    { name: "command" },
  );
  const command = registered;
  DBOS.setConfig({ name: "bench", systemDatabaseUrl: databaseUrl, logLevel: "error", runAdminServer: false });
  await DBOS.launch();
  try {
    if (order === "queue")
      await DBOS.registerQueue(queueName, { partitionConcurrency: 1, minPollingIntervalMs: 20 });
    const waits: number[] = [];
    const start = performance.now();
    const call = async (_: unknown, caller: number) => {
      for (let n = caller; n < commands; n += callers) {
        const key = n % actors;
        const asked = performance.now();
        const id = `${key}:${Math.floor(n / actors)}`;
        const partition = { queueName, enqueueOptions: { queuePartitionKey: String(key) } };
        const options = { workflowID: id, ...(order === "queue" && partition) };
        const handle = await DBOS.startWorkflow(command, options)(key, id);
        await handle.getResult();
        waits.push(performance.now() - asked);
      }
    };
    await Promise.all(Array.from({ length: callers }, call));
    const seconds = (performance.now() - start) / 1000;
    await checkLedgers(work, commands);
    const how = order === "queue" ? "strict order per key" : "order kept by its callers";
    return figuresOf(`DBOS, a workflow a command, ${how}`, commands, { seconds, waits });
  } finally {
    await DBOS.shutdown();
    await work.end();
  }
}
