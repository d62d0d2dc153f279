import { createHash, createPrivateKey, sign } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { createApiClient } from "../../examples/end-of-year/api-client.ts";
import { chosen, createParapheurApi } from "../../src/cli/demo/parapheur.ts";
import { buildStage, type Stage } from "../../src/cli/demo/stage.ts";
import { makeIdentities } from "../signing/identities.ts";
import { prepareCollectes } from "./collectes.ts";

/** From the code that was typed to the last signature, and beside it what the machine could do at most. */
export interface ParapheurReport {
  notes: string[];
  documents: number;
  level: string;
  /** From the request with the ticked list to the answer with the code's id. */
  openSeconds: number;
  /** From the request with the code to the last signature. */
  signSeconds: number;
  perSecond: number;
  floor: { perSecond: number; what: string };
  ratios: { what: string; ratio: number; most: number }[];
}

const notes = [
  "one expert, one collecte a document of 30 KB, distinct bytes; the embedded timestamp unit; SQLite; one process.",
  "floor: SHA-256 of 30 KB and one key operation (P-256), one thread, in memory.",
];

const level = "B-LTA";
const documentBytes = 30_000;

/** The whole way, over HTTP, with an engine in a process of its own. */
export async function parapheurBench(root: string, scale: number): Promise<ParapheurReport> {
  const folder = await mkdtemp(join(root, "bench-parapheur-"));
  const stage = await buildStage({ folder, settings: { COLLECTE_LEVEL: level } });
  try {
    const count = Math.max(20, Math.round(1_000 * scale));
    const { openSeconds, signSeconds } = await signedBy(stage, count);
    const floor = floorPerSecond();
    const perSecond = count / signSeconds;
    return {
      notes,
      documents: count,
      level,
      openSeconds: round(openSeconds),
      signSeconds: round(signSeconds),
      perSecond: round(perSecond),
      floor: { perSecond: round(floor), what: notes[1] ?? "" },
      ratios: [
        { what: "floor to the parapheur, documents a second", ratio: round(floor / perSecond), most: 60 },
      ],
    };
  } finally {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function signedBy(stage: Stage, count: number): Promise<{ openSeconds: number; signSeconds: number }> {
  const { firm, expert, smses } = stage;
  const api = createApiClient(stage.engine.url);
  try {
    await prepareCollectes(stage, count);
    const parapheur = createParapheurApi({ api, apiKey: firm.apiKey, member: expert, smses });
    const items = await parapheur.all();
    if (items.length !== count) throw new Error(`${items.length} wait of ${count}`);
    const asked = performance.now();
    const session = await parapheur.open(items.map(chosen));
    const openSeconds = (performance.now() - asked) / 1_000;
    const typed = performance.now();
    await parapheur.sign(session);
    const { progress } = await parapheur.finished(session.id, 300_000);
    const signSeconds = (performance.now() - typed) / 1_000;
    if (progress.signed !== count) throw new Error(`not all was signed: ${JSON.stringify(progress)}`);
    return { openSeconds, signSeconds };
  } finally {
    api.close();
  }
}

function floorPerSecond(): number {
  const { key } = makeIdentities(new Date())["P-256"];
  const privateKey = createPrivateKey({ key: Buffer.from(key.pkcs8), format: "der", type: "pkcs8" });
  const bytes = Buffer.alloc(documentBytes, 7);
  const once = () => {
    const digest = createHash("sha256").update(bytes).digest();
    sign("sha256", digest, privateKey);
  };
  for (let i = 0; i < 500; i++) once();
  const times = 3_000;
  const begun = performance.now();
  for (let i = 0; i < times; i++) once();
  return (times / (performance.now() - begun)) * 1_000;
}

function round(figure: number): number {
  return Math.round(figure * 100) / 100;
}
