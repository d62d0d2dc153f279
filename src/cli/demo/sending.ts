import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ApiClient, ApiProblem, createApiClient } from "../../../examples/end-of-year/api-client.ts";
import type { Client } from "../../../examples/end-of-year/clients.ts";
import { createFirmApi, type FirmApi } from "../../../examples/end-of-year/firm-api.ts";
import { lettreDeMission } from "../../../examples/end-of-year/lettre-de-mission.ts";
import { downloadSigned, playSignatory } from "../../../examples/end-of-year/play-client.ts";
import { createSigningApi, type SigningApi } from "../../../examples/end-of-year/signing-api.ts";
import type { Stage } from "./stage.ts";

const evidencePauseMs = 250;

interface Players {
  firm: FirmApi;
  api: SigningApi;
}

/** What became of one client's letter. */
export interface Sent {
  client: Client;
  collecteId: string;
  /** The signed PDF, as the client downloaded it. */
  file: string;
}

export interface SendingOptions {
  stage: Stage;
  clients: Client[];
  folder: string;
  /** How many collectes are under way at once. */
  atOnce: number;
  /** How long a mail or an SMS may take. */
  timeoutMs: number;
  onCompleted(): void;
}

export const signaturesOfCollecte = 3;

/**
 * The end-of-year sending: for each client a letter is uploaded, a collecte made and launched (client, expert,
 * seal), and everybody plays their part, from the mail that really arrived to the signed file that is downloaded.
 */
export async function sendLetters(options: SendingOptions): Promise<Sent[]> {
  const { stage, clients, folder, atOnce } = options;
  await mkdir(join(folder, "signed"), { recursive: true });
  await mkdir(join(folder, "records"), { recursive: true });
  await mkdir(join(folder, "evidence"), { recursive: true });
  // After a crash the engine is back on the same port, so one client serves the whole play.
  const clientsOf = [stage.engine, ...stage.twins].map(({ url }) =>
    createApiClient(url, { tries: 20, connections: 2 * atOnce }),
  );
  const players = playersOf(clientsOf, stage.firm.apiKey);
  const sent: Sent[] = [];
  const queue = clients.entries();
  const lane = async () => {
    for (const [i, one] of queue) {
      sent.push(await sendLetter(options, players(i), one, i + 1));
      options.onCompleted();
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, lane));
  } finally {
    for (const client of clientsOf) client.close();
  }
  return sent;
}

/** With several engines the firm speaks to one and the signatories to the next. */
function playersOf(clients: ApiClient[], apiKey: string): (turn: number) => Players {
  const apis = clients.map((client) => ({
    firm: createFirmApi(client, apiKey),
    api: createSigningApi(client),
  }));
  const at = (turn: number) => apis[turn % apis.length] as Players;
  return (turn) => ({ firm: at(turn).firm, api: at(turn + 1).api });
}

async function sendLetter(
  { stage, folder, timeoutMs }: SendingOptions,
  { firm, api }: Players,
  client: Client,
  number: number,
): Promise<Sent> {
  const { expert } = stage;
  const title = `Lettre de mission 2027 – ${client.company} (${number})`;
  const letter = await lettreDeMission(client, {
    name: stage.firm.name,
    expert: `${expert.firstName} ${expert.lastName}`,
    city: "Lyon",
  });
  const document = await firm.addDocument(letter);
  const { id } = await firm.createCollecte({
    title,
    documents: [document.id],
    steps: [
      {
        signatories: [
          {
            firstName: client.firstName,
            lastName: client.lastName,
            email: client.email,
            phone: client.phone,
          },
        ],
      },
      { member: expert.id },
      { seal: true },
    ],
  });
  await firm.launch(id);
  const world = { api, mail: stage.mails, sms: stage.smses, timeoutMs };
  await playSignatory(world, client, title);
  await playSignatory(world, expert, title);
  const [signed] = await downloadSigned(world, client.email, title);
  if (!signed) throw new Error("the completion mail leads to no document");
  const name = `${String(number).padStart(5, "0")}-${fileName(client)}`;
  const file = join(folder, "signed", `${name}.pdf`);
  await writeFile(file, signed.pdf);
  const record = await firm.collecte(id);
  if (record.state !== "completed") throw new Error(`collecte ${id} is ${record.state}`);
  await writeFile(join(folder, "records", `${name}.json`), `${JSON.stringify(record, null, 2)}\n`);
  await writeFile(join(folder, "evidence", `${name}.pdf`), await evidenceOf(firm, id, timeoutMs));
  return { client, collecteId: id, file };
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
function fileName({ firstName, lastName }: Client): string {
  const plain = `${lastName}-${firstName}`.normalize("NFD").replace(/\p{M}/gu, "").replace(/œ/gi, "oe");
  return plain.replace(/[^A-Za-z0-9]+/g, "-").toLowerCase();
}
