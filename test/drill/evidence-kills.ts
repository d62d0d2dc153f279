import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readSettings } from "../../config/settings.ts";
import { createSecrets } from "../../src/actors/runtime/secrets.ts";
import { systemClock } from "../../src/clock.ts";
import { judgeEvidence } from "../../src/proof/judge-file.ts";
import { verifyStore } from "../../src/proof/verify-store.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { bytesSource } from "../../src/workers/pdf/source.ts";
import { verifySource } from "../../src/workers/verify-document.ts";
import type { EngineProcess } from "./engine-process.ts";
import type { Failpoint } from "./points.ts";
import { type PurgeScene, pdfOf, statusOf, until } from "./purge-drill.ts";

const hourSeconds = 3_600;

/** What is left after engines were killed while they filed evidence or made an hour's root; for a test to judge. */
export interface FilingReport {
  struck: string[];
  /** Points that nobody came to. */
  missed: string[];
  collectes: number;
  /** How many have one evidence file on their record, and in how many nothing is wrong, offline and with the root alone. */
  filedOnce: number;
  verified: number;
  /** Of all records, and of the roots over them, once each is under one. */
  faults: unknown[];
  /** Heads that are in more than one hour. */
  doubled: number;
  /** Blobs that no record names: made, and never told of. They go when they are two days old. */
  orphans: number;
}

/** Seals a document for each of these points, where the engine then kills itself. */
export async function killedWhileFiling(
  scene: PurgeScene,
  points: readonly Failpoint[],
): Promise<FilingReport> {
  const engine = scene.stage.engines[0];
  if (!engine) throw new Error("no engine");
  const [struck, missed]: [string[], string[]] = [[], []];
  const ids: string[] = [];
  const before = new Set(await blobsOf(scene));
  for (const point of points) {
    const name = `${point.point}:${point.nth}`;
    const hasStruck = await dying(engine, point, async () => {
      ids.push(await sealedOne(scene, name));
      if (!point.point.startsWith("heads.")) return;
      await scene.firm.letPass(hourSeconds).catch(() => undefined);
      // The calendar looks once a second.
      for (let looks = 0; looks < 100 && !engine.hasStruck; looks++) await sleep(25);
    });
    (hasStruck ? struck : missed).push(name);
  }
  return { struck, missed, ...(await beside(scene, (store) => judged(scene, store, ids, before))) };
}

/** Lets the engine strike itself there while this is done, and starts it again. */
async function dying(
  engine: EngineProcess,
  failpoint: Failpoint,
  work: () => Promise<void>,
): Promise<boolean> {
  let isOver = false;
  const restart = engine.ended().then(() => (isOver ? undefined : engine.start()));
  engine.arm(failpoint);
  await work();
  const { hasStruck } = engine;
  if (hasStruck) await restart;
  isOver = true;
  engine.arm(undefined);
  return hasStruck;
}

/** Its id, once there is an evidence file of it. */
async function sealedOne({ firm }: PurgeScene, title: string): Promise<string> {
  const { id: document } = await firm.addDocument(await pdfOf(title));
  const { id } = await firm.createCollecte({ title, documents: [document], steps: [{ seal: true }] });
  // Who gets no answer from an engine that died does not know whether it was done; here it was, or it is done again.
  await firm.launch(id).catch(() => undefined);
  await until(async () => {
    // What the dead process had in hand is anybody's once its lease is over.
    await firm.letPass(10).catch(() => undefined);
    return (await statusOf(firm.evidence(id)).catch(() => 0)) === 200;
  });
  return id;
}

async function beside<T>(
  { dataFolder, environment }: PurgeScene,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const { secret, database } = readSettings({ ...environment });
  const store = await openStore(dataFolder, createSecrets(secret), systemClock, database);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function blobsOf({ dataFolder }: PurgeScene): Promise<string[]> {
  const there = await readdir(join(dataFolder, "blobs"), { recursive: true });
  return there.map((name) => name.split("/").at(-1) ?? "").filter((name) => /^[0-9a-f]{64}$/.test(name));
}

async function judged(scene: PurgeScene, store: Store, ids: readonly string[], before: ReadonlySet<string>) {
  const { firm, dataFolder } = scene;
  const trustDer = [await store.keyring.rootDer()];
  let { now } = await firm.letPass(hourSeconds);
  let record = await verifyStore(store, trustDer);
  await until(async () => {
    record = await verifyStore(store, trustDer);
    return record.uncovered + record.unstamped === 0;
  });
  let [filedOnce, verified] = [0, 0];
  for (const id of ids) {
    const history = (await firm.collecte(id)).history as { type: string }[];
    if (history.filter(({ type }) => type === "EvidenceFiled").length === 1) filedOnce++;
    const file = await firm.evidence(id);
    const path = join(dataFolder, `${id}.pdf`);
    await writeFile(path, file);
    ({ now } = await firm.letPass(1));
    const report = verifySource(bytesSource(file), { trustDer, at: Date.parse(now) });
    if (judgeEvidence(path, file, report).checks.every(({ problems }) => problems.length === 0)) verified++;
  }
  const made = (await blobsOf(scene)).filter((name) => !before.has(name));
  const named = await store.retention.named(made);
  const orphans = made.filter((name) => !named.has(name)).length;
  const doubled = await doubledHeads(store);
  return { collectes: ids.length, filedOnce, verified, faults: record.faults, doubled, orphans };
}

async function doubledHeads({ heads }: Store): Promise<number> {
  const roots = await heads.roots(-1, 1_000);
  const leaves = await Promise.all(roots.map(({ hour, count }) => heads.leaves(hour, 0, count)));
  const all = leaves.flat().map(({ actorId, version }) => `${actorId} ${version}`);
  return all.length - new Set(all).size;
}
