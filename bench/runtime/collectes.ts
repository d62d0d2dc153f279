import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { type BenchedEngine, idsMade, startBenchedEngine } from "./engine.ts";
import { type Figures, figuresOf } from "./figures.ts";

/**
 * The commands of a real collecte: each is made, then launched, which freezes it and orders its first mail, link and
 * timer. The process accepts and decides; the mails wait for another one.
 */
export async function benchCollectes(
  root: string,
  databaseUrl: string,
  { actors, connections }: { actors: number; connections: number },
): Promise<Figures[]> {
  const folder = await mkdtemp(join(root, "bench-"));
  const settings = { DATABASE_URL: databaseUrl, COLLECTE_ROLES: "http,actors" };
  const engine = await startBenchedEngine(folder, settings);
  try {
    return await measure(engine, actors, connections);
  } finally {
    await engine.process.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(engine: BenchedEngine, actors: number, connections: number): Promise<Figures[]> {
  const ids = (bodies: string[]) => bodies.map((body) => (JSON.parse(body) as { id: string }).id);
  const creating = (count: number) => engine.send(Array(count).fill(engine.create), connections);
  await creating(500);
  const creates = await creating(actors);
  const launches = await engine.send(ids(creates.bodies).map(engine.launch), connections);
  const lists = await engine.send(Array(actors / 100).fill(engine.createMany), 16);
  const launchLists = await engine.send(idsMade(lists.bodies).map(engine.launchMany), 16);
  idsMade(launchLists.bodies);
  return [
    figuresOf("Collecte on PostgreSQL, HTTP, make a collecte", actors, creates),
    figuresOf("Collecte on PostgreSQL, HTTP, launch a collecte", actors, launches),
    figuresOf("Collecte on PostgreSQL, HTTP, make a hundred", actors, lists),
    figuresOf("Collecte on PostgreSQL, HTTP, launch a hundred", actors, launchLists),
  ];
}
