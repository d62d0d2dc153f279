import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { PDFDocument, StandardFonts } from "pdf-lib";
import { type ApiClient, ApiProblem } from "../../examples/end-of-year/api-client.ts";
import { createFirmApi } from "../../examples/end-of-year/firm-api.ts";
import { downloadSigned, playSignatory } from "../../examples/end-of-year/play-client.ts";
import { createSigningApi } from "../../examples/end-of-year/signing-api.ts";
import type { Sighting } from "./canary-search.ts";
import type { Stage } from "./stage.ts";

const daySeconds = 24 * 3_600;

/** Words that stand nowhere else: what documents hold, and what is said about people. */
export interface Canaries {
  documents: Record<string, string>;
  people: Record<string, string>;
}

export function newCanaries(): Canaries {
  const word = (what: string) => `Canari${what}${randomBytes(6).toString("hex")}`;
  const figures = String(1_000_000 + (randomBytes(4).readUInt32BE() % 9_000_000));
  return {
    documents: { raw: word("Brut"), other: word("Autre") },
    people: {
      fileName: word("Fichier"),
      title: word("Titre"),
      message: word("Message"),
      firstName: word("Prenom"),
      lastName: word("Nom"),
      email: `${word("Adresse").toLowerCase()}@people.example`,
      // All of 061 are mobiles; of the others some are nobody's, and are refused.
      phone: `+3361${figures}`,
      userAgent: word("Navigateur"),
      reason: word("Motif"),
      copy: word("Copie"),
    },
  };
}

/** A PDF that holds the word as it is and in a compressed stream. */
async function pdfWith(word: string): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  pdf.setSubject(word);
  pdf.addPage().drawText(word, { font: await pdf.embedFont(StandardFonts.Helvetica) });
  const bytes = await pdf.save({ useObjectStreams: false });
  // Metadata are written in UTF-16; a comment is plain bytes.
  const text = Buffer.from(bytes).toString("latin1");
  return Buffer.from(text.replace("startxref", `%${word}\nstartxref`), "latin1");
}

export interface Played {
  /** The one that was completed. */
  id: string;
  documentId: string;
  refusedId: string;
}

export interface Lives {
  api: ApiClient;
  apiKey: string;
  canaries: Canaries;
  stage: Stage;
}

/** One collecte that is signed and downloaded, and one that is refused with a reason; both about canaries alone. */
export async function playCanaries({ api, apiKey, canaries, stage }: Lives): Promise<Played> {
  const firm = createFirmApi(api, apiKey);
  const { people } = canaries;
  const at = async (path: string, body: Uint8Array | object) =>
    post(stage, apiKey, path, body, people["userAgent"]);
  const upload = async (word: string | undefined) => {
    const query = `name=${people["fileName"]}.pdf`;
    return (await at(`/v1/documents?${query}`, await pdfWith(word ?? ""))) as { id: string };
  };
  const person = {
    firstName: people["firstName"] ?? "",
    lastName: people["lastName"] ?? "",
    email: people["email"] ?? "",
    phone: people["phone"] ?? "",
  };
  const order = (title: string, documents: string[]) => ({
    title,
    message: people["message"] ?? "",
    documents,
    steps: [{ signatories: [person] }],
    copies: [{ email: `${people["copy"]}@people.example`.toLowerCase(), name: people["copy"] ?? "" }],
  });
  const document = await upload(canaries.documents["raw"]);
  const other = await upload(canaries.documents["other"]);
  const title = people["title"] ?? "";
  const made = await firm.createCollecte(order(title, [document.id]));
  await firm.launch(made.id);
  const play = { api: createSigningApi(api), mail: stage.mails, sms: stage.smses, timeoutMs: 60_000 };
  const player = { email: person.email, phone: person.phone };
  await playSignatory(play, player, title);
  await downloadSigned(play, player.email, title);

  const refused = await firm.createCollecte(order(`${title}Bis`, [other.id, document.id]));
  await firm.launch(refused.id);
  const mail = await stage.mails.next(player.email, ({ text }) => text.includes(`${title}Bis`), 60_000);
  const token = mail.links.find((url) => url.includes("/sign#"))?.split("#")[1] ?? "";
  const { session } = (await at("/v1/signing/sessions", { token })) as { session: string };
  await createSigningApi(api).refuse(session, people["reason"]);
  await until(async () => (await stateOf(api, apiKey, refused.id)) === "refused");
  for (const one of [made.id, refused.id]) await until(() => hasEvidence(api, apiKey, one));
  return { id: made.id, documentId: document.id, refusedId: refused.id };
}

/** Has the firm's documents put in a folder. */
export async function askForDelivery(stage: Stage, apiKey: string): Promise<void> {
  const answer = await fetch(`${stage.engines[0]?.url}/v1/firm`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ settings: { delivery: { kind: "folder", path: "signed" } } }),
  });
  if (!answer.ok) throw new Error(`the firm's settings: ${answer.status} ${await answer.text()}`);
  // The engine answers from memory for five seconds of its clock.
  await advance(stage, apiKey, 10);
}

/** The status of each answer to who asks for documents that are gone. */
export async function closedDoors({ apiKey, stage }: Lives, { id, documentId }: Played): Promise<number[]> {
  const paths = [`/v1/collectes/${id}/documents/${documentId}`, `/v1/collectes/${id}/documents.zip`];
  const answers = paths.map((path) =>
    fetch(`${stage.engines[0]?.url}${path}`, { headers: { authorization: `Bearer ${apiKey}` } }),
  );
  return (await Promise.all(answers)).map(({ status }) => status);
}

/** What was signed is delivered with its evidence file, for which the first try may have come too early. */
export async function deliver({ api, apiKey, stage }: Lives, { id }: Played): Promise<void> {
  await advance(stage, apiKey, 60);
  await until(async () => {
    const { history } = await shown(api, apiKey, id);
    return history.some(({ type }) => type === "DocumentsDelivered");
  });
}

/** Lets the months of the documents pass, and waits until both collectes say that they are gone. */
export async function purge({ api, apiKey, stage }: Lives, { id, refusedId }: Played): Promise<void> {
  await advance(stage, apiKey, 32 * daySeconds);
  for (const one of [id, refusedId]) await until(async () => (await stateOf(api, apiKey, one)) === "purged");
}

/** Lets the years of the evidence files pass. */
export async function forget({ api, apiKey, stage }: Lives, { id, refusedId }: Played): Promise<void> {
  for (let year = 0; year < 2; year++) await advance(stage, apiKey, 1_000 * daySeconds);
  for (const one of [id, refusedId])
    await until(
      async () => (await titleOf(api, apiKey, one)) === "" && !(await hasEvidence(api, apiKey, one)),
    );
}

/**
 * What the search still finds once the hourly sweep has wiped. How long a sweep takes depends on the machine, and one
 * that somebody's reading disturbs leaves the rest to the next: so hours pass, few of them, until nothing is found.
 */
export async function wiped(
  { stage, apiKey }: Lives,
  search: () => Promise<Sighting[]>,
): Promise<Sighting[]> {
  let found: Sighting[] = [];
  for (let hours = 0; hours < 4; hours++) {
    await advance(stage, apiKey, 3_600);
    for (let looks = 0; looks < 5; looks++) {
      await sleep(1_000);
      found = await search();
      if (found.length === 0) return found;
    }
  }
  return found;
}

async function advance(stage: Stage, apiKey: string, seconds: number): Promise<void> {
  await post(stage, apiKey, "/v1/test/clock", { seconds });
}

async function post(stage: Stage, apiKey: string, path: string, body: Uint8Array | object, agent = "drill") {
  const isPdf = body instanceof Uint8Array;
  const answer = await fetch(`${stage.engines[0]?.url}${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${apiKey}`,
      "user-agent": agent,
      "content-type": isPdf ? "application/pdf" : "application/json",
    },
    body: isPdf ? Buffer.from(body) : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

interface Shown {
  state: string;
  title: string;
  history: { type: string }[];
}

const shown = (api: ApiClient, bearer: string, id: string): Promise<Shown> =>
  api.json({ method: "GET", path: `/v1/collectes/${id}`, bearer });
const stateOf = async (api: ApiClient, apiKey: string, id: string) => (await shown(api, apiKey, id)).state;
const titleOf = async (api: ApiClient, apiKey: string, id: string) => (await shown(api, apiKey, id)).title;

async function hasEvidence(api: ApiClient, bearer: string, id: string): Promise<boolean> {
  try {
    await api.bytes({ method: "GET", path: `/v1/collectes/${id}/evidence`, bearer });
    return true;
  } catch (error) {
    if (error instanceof ApiProblem) return false;
    throw error;
  }
}

async function until(isSo: () => Promise<boolean | undefined>): Promise<void> {
  const start = performance.now();
  while (performance.now() - start < 60_000) {
    if (await isSo()) return;
    await sleep(100);
  }
  throw new Error("it did not come to pass within a minute");
}
