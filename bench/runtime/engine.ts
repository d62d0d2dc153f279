import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { PDFDocument } from "pdf-lib";
import { collecteJson, startEngineProcess } from "../../src/cli/demo/engine-process.ts";
import type { Figures } from "./figures.ts";
import { figuresOf } from "./figures.ts";
import { drive, type Load, type Prepared, prepare } from "./http-load.ts";

/** The engine as an operator runs it, asked over HTTP with a firm's key: every command of the door and the law. */
export interface EngineBench {
  name: string;
  databaseUrl?: string;
  redisUrl?: string;
  /** Where the data folder is made. */
  root: string;
  actors: number;
  connections: number;
}

const secret = "a bench keeps nothing that is worth a secret".padEnd(64, ".");

/**
 * Makes and launches `actors` collectes, one command a request and then a hundred a request, and asks one at a time
 * at the end. Effects are not run: what is measured is accepting, deciding and committing.
 */
export async function benchEngine(options: EngineBench): Promise<Figures[]> {
  const folder = await mkdtemp(join(options.root, "bench-"));
  const environment: Record<string, string> = {
    COLLECTE_MODE: "test",
    COLLECTE_SECRET: Buffer.from(secret).toString("hex"),
    COLLECTE_DATA: folder,
    COLLECTE_PORT: "0",
    COLLECTE_LOG_LEVEL: "error",
    COLLECTE_REQUESTS_PER_MINUTE: "10000000",
    ...(process.env["BENCH_ROLES"] && { COLLECTE_ROLES: process.env["BENCH_ROLES"] }),
    ...(options.databaseUrl !== undefined && { DATABASE_URL: options.databaseUrl }),
    ...(options.redisUrl !== undefined && { REDIS_URL: options.redisUrl }),
  };
  const firm = await collecteJson<{ id: string; apiKey: string }>(
    environment,
    "firm",
    "create",
    ...["--name", "Cabinet du banc", "--email", "banc@cabinet.example", "--siren", "732829320"],
  );
  const engine = await startEngineProcess(environment);
  try {
    return await measure(options, engine.url, firm.apiKey);
  } finally {
    await engine.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(options: EngineBench, url: string, apiKey: string): Promise<Figures[]> {
  const { actors, connections, name } = options;
  const headers = {
    authorization: `Bearer ${apiKey}`,
    "content-type": "application/json",
    prefer: "return=minimal",
  };
  const document = await upload(url, apiKey);
  const create = JSON.stringify(collecte(document));
  const post = (path: string, body = "") => prepare(url, "POST", path, headers, body);
  const timed = (requests: Prepared[], each: number): Promise<Load> => drive(url, requests, each, [200, 201]);
  const warm = await timed(repeat(500, post("/v1/collectes", create)), connections);
  await timed(
    warm.bodies.map((body) => post(launchOf(body))),
    connections,
  );

  const creates = await timed(repeat(actors, post("/v1/collectes", create)), connections);
  const launches = await timed(
    creates.bodies.map((body) => post(launchOf(body))),
    connections,
  );
  const light = await timed(repeat(500, post("/v1/collectes", create)), 1);
  const lightLaunches = await timed(
    light.bodies.map((body) => post(launchOf(body))),
    1,
  );
  return [
    figuresOf(`${name}, create, one a request`, actors, creates),
    figuresOf(`${name}, launch, one a request`, actors, launches),
    figuresOf(`${name}, create, one caller`, 500, light),
    figuresOf(`${name}, launch, one caller`, 500, lightLaunches),
  ];
}

function launchOf(body: string): string {
  return `/v1/collectes/${(JSON.parse(body) as { id: string }).id}/launch`;
}

async function upload(url: string, apiKey: string): Promise<string> {
  const pdf = await PDFDocument.create();
  pdf.addPage();
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/pdf" };
  const { bodies } = await drive(
    url,
    [prepare(url, "POST", "/v1/documents", headers, await pdf.save())],
    1,
    [201],
  );
  return (JSON.parse(bodies[0] ?? "{}") as { id: string }).id;
}

function collecte(document: string) {
  const zoe = { firstName: "Zoé", lastName: "Martin", email: "zoe@client.example", phone: "+33612345678" };
  return {
    title: "Lettre de mission 2027",
    documents: [document],
    steps: [{ signatories: [zoe] }, { seal: true }],
  };
}

function repeat<T>(count: number, one: T): T[] {
  return Array.from({ length: count }, () => one);
}
