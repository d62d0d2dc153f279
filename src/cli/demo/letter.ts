import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ApiClient, ApiProblem, createApiClient } from "../../../examples/end-of-year/api-client.ts";
import type { Client } from "../../../examples/end-of-year/clients.ts";
import { type CollecteOrder, createFirmApi, type FirmApi } from "../../../examples/end-of-year/firm-api.ts";
import { lettreDeMission } from "../../../examples/end-of-year/lettre-de-mission.ts";
import { downloadSigned, type Stage as World } from "../../../examples/end-of-year/play-client.ts";
import { createSigningApi, type SigningApi } from "../../../examples/end-of-year/signing-api.ts";
import type { Stage } from "./stage.ts";

const evidencePauseMs = 250;

/** The two sides of the API. */
export interface Players {
  firm: FirmApi;
  api: SigningApi;
}

/** Where letters are sent from, and where what comes back of them goes. */
export interface Desk {
  stage: Stage;
  folder: string;
  /** How long a mail or an SMS may take. */
  timeoutMs: number;
}

/** A letter that is out. */
export interface Letter {
  client: Client;
  title: string;
  /** What its files are called. */
  name: string;
  collecteId: string;
}

/** What became of one client's letter. */
export interface Sent {
  client: Client;
  collecteId: string;
  /** The signed PDF, as the client downloaded it. */
  file: string;
}

export async function makeFolders(folder: string): Promise<void> {
  for (const name of ["signed", "records", "evidence"]) await mkdir(join(folder, name), { recursive: true });
}

/** After a crash the engine is back on the same port, so one client of each serves a whole play. */
export function clientsOf({ engine, twins }: Stage, connections: number): ApiClient[] {
  return [engine, ...twins].map(({ url }) => createApiClient(url, { tries: 20, connections }));
}

/** With several engines the firm speaks to one and the signatories to the next. */
export function playersOf(clients: ApiClient[], apiKey: string): (turn: number) => Players {
  const apis = clients.map((client) => ({
    firm: createFirmApi(client, apiKey),
    api: createSigningApi(client),
  }));
  const at = (turn: number) => apis[turn % apis.length] as Players;
  return (turn) => ({ firm: at(turn).firm, api: at(turn + 1).api });
}

export function worldOf({ stage, timeoutMs }: Desk, api: SigningApi): World {
  return { api, mail: stage.mails, sms: stage.smses, timeoutMs };
}

/** A client as a step of a collecte. */
export function signatory({ firstName, lastName, email, phone }: Client) {
  return { firstName, lastName, email, phone };
}

/** Makes the client's letter and launches a collecte of it with these steps. */
export async function launchLetter(
  { stage }: Pick<Desk, "stage">,
  firm: FirmApi,
  client: Client,
  { title, steps, name }: Pick<CollecteOrder, "title" | "steps"> & { name: string },
): Promise<Letter> {
  const { expert } = stage;
  const letter = await lettreDeMission(client, {
    name: stage.firm.name,
    expert: `${expert.firstName} ${expert.lastName}`,
    city: "Lyon",
  });
  const document = await firm.addDocument(letter);
  const { id } = await firm.createCollecte({ title, documents: [document.id], steps });
  await firm.launch(id);
  return { client, title, name, collecteId: id };
}

/** Downloads what was signed, by the link of the client's mail, and keeps it with the record and the evidence file. */
export async function collectLetter(desk: Desk, { firm, api }: Players, letter: Letter): Promise<Sent> {
  const { client, title, name, collecteId } = letter;
  const [signed] = await downloadSigned(worldOf(desk, api), client.email, title);
  if (!signed) throw new Error("the completion mail leads to no document");
  const file = join(desk.folder, "signed", `${name}.pdf`);
  await writeFile(file, signed.pdf);
  const { state } = await keepRecord(desk, firm, letter);
  if (state !== "completed") throw new Error(`collecte ${collecteId} is ${state}`);
  return { client, collecteId, file };
}

/** Keeps the record of a collecte that has ended, and its evidence file. */
export async function keepRecord(
  { folder, timeoutMs }: Desk,
  firm: FirmApi,
  { name, collecteId }: Letter,
): Promise<{ state: string; evidence: string }> {
  const record = await firm.collecte(collecteId);
  await writeFile(join(folder, "records", `${name}.json`), `${JSON.stringify(record, null, 2)}\n`);
  const evidence = join(folder, "evidence", `${name}.pdf`);
  await writeFile(evidence, await evidenceOf(firm, collecteId, timeoutMs));
  return { state: record.state, evidence };
}

/** Asks until it is made. */
async function evidenceOf(firm: FirmApi, id: string, timeoutMs: number): Promise<Buffer> {
  for (const start = performance.now(); ; await sleep(evidencePauseMs)) {
    try {
      return await firm.evidence(id);
    } catch (error) {
      const isPending = error instanceof ApiProblem && error.code === "evidence_pending";
      if (!isPending || performance.now() - start > timeoutMs) throw error;
    }
  }
}

/** Letters and figures only, accents taken off. */
export function fileName(number: number, { firstName, lastName }: Client): string {
  const plain = `${lastName}-${firstName}`.normalize("NFD").replace(/\p{M}/gu, "").replace(/œ/gi, "oe");
  return `${String(number).padStart(5, "0")}-${plain.replace(/[^A-Za-z0-9]+/g, "-").toLowerCase()}`;
}
