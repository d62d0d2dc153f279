import { PDFDocument } from "pdf-lib";
import { type EngineProcess, startEngineProcess } from "../../src/cli/demo/engine-process.ts";
import { drive, type Load, type Prepared, prepare } from "./http-load.ts";
import { apiKeyIn, environmentOf } from "./ledger.ts";

const perRequest = 100;

/** `collecte serve` as an operator runs it, asked over HTTP with a firm's key, with one small document uploaded. */
export interface BenchedEngine {
  process: EngineProcess;
  /** A request that makes a collecte, and one that launches it. */
  create: Prepared;
  launch(id: string): Prepared;
  /** A hundred of either. */
  createMany: Prepared;
  launchMany(ids: string[]): Prepared;
  send(requests: Prepared[], connections: number): Promise<Load>;
}

export async function startBenchedEngine(
  folder: string,
  settings: Record<string, string>,
): Promise<BenchedEngine> {
  const environment = { ...environmentOf(folder), ...settings };
  const apiKey = await apiKeyIn(environment);
  const process = await startEngineProcess(environment);
  const { url } = process;
  const authorization = `Bearer ${apiKey}`;
  const pdf = await PDFDocument.create();
  pdf.addPage();
  const upload = { authorization, "content-type": "application/pdf" };
  const request = prepare(url, "POST", "/v1/documents", upload, await pdf.save());
  const { bodies } = await drive(url, [request], 1, [201]);
  const { id: document } = JSON.parse(bodies[0] ?? "{}") as { id: string };
  const headers = { authorization, "content-type": "application/json", prefer: "return=minimal" };
  const post = (path: string, body?: object) =>
    prepare(url, "POST", path, headers, body === undefined ? "" : JSON.stringify(body));
  const collecte = collecteOf(document);
  const creates = Array.from({ length: perRequest }, () => ({ type: "create", collecte }));
  return {
    process,
    create: post("/v1/collectes", collecte),
    launch: (id) => post(`/v1/collectes/${id}/launch`),
    createMany: post("/v1/commands", { commands: creates }),
    launchMany: (ids) =>
      post("/v1/commands", { commands: ids.map((collecteId) => ({ type: "launch", collecteId })) }),
    send: (requests, connections) => drive(url, requests, connections, [200, 201]),
  };
}

/** The ids in the answers to `createMany`, by request; throws when one was not made. */
export function idsMade(bodies: string[]): string[][] {
  return bodies.map((body) => {
    const { results } = JSON.parse(body) as { results: { status: string; collecteId?: string }[] };
    return results.map(({ status, collecteId }) => {
      if (status !== "done" || collecteId === undefined)
        throw new Error(`a collecte was not made: ${status}`);
      return collecteId;
    });
  });
}

function collecteOf(document: string) {
  const zoe = { firstName: "Zoé", lastName: "Martin", email: "zoe@client.example", phone: "+33612345678" };
  const steps = [{ signatories: [zoe] }, { seal: true }];
  return { title: "Lettre de mission 2027", documents: [document], steps };
}
