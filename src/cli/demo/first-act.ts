import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../../../examples/end-of-year/api-client.ts";
import { importClients } from "../../../examples/end-of-year/import-contacts.ts";
import {
  chosen,
  createParapheurApi,
  type ParapheurApi,
  type ParapheurItem,
} from "../../../examples/end-of-year/parapheur.ts";
import { mostDocuments } from "../../actors/parapheur/state.ts";
import { clientsOf, collectLetter, type Letter, makeFolders, playersOf, type Sent } from "./letter.ts";
import { inLanes, type SendingOptions, sendLetter } from "./sending.ts";

/** No code is sent sooner after the one before. */
const codePauseMs = 60_000;
const lookEveryMs = 100;

/** What the expert signed in their parapheur; `codes` are the SMS that arrived for it. */
interface Signed {
  documents: number;
  sessions: number;
}

export interface FirstAct {
  contacts: number;
  letters: Sent[];
  parapheur: Signed & { codes: number };
}

export interface FirstActOptions extends SendingOptions {
  onStage(words: string): void;
  onExpertSigned(): void;
}

/**
 * The end-of-year sending: the clients come into the address book by the spreadsheet, each signs a letter, then the expert
 * signs all of them at once in their parapheur, and the firm's seal follows.
 */
export async function playFirstAct(options: FirstActOptions): Promise<FirstAct> {
  const { stage, clients, folder, atOnce, timeoutMs, onStage } = options;
  await makeFolders(folder);
  const apis = clientsOf(stage, 2 * atOnce);
  const [api] = apis as [ApiClient];
  const players = playersOf(apis, stage.firm.apiKey);
  try {
    onStage(`Importing ${clients.length} contacts from the spreadsheet that the engine offers`);
    const contacts = await importClients(api, stage.firm.apiKey, clients);
    onStage(`Sending ${clients.length} letters: each client reads, ticks the box and signs with a code`);
    const letters = await inLanes(clients, atOnce, (client, i) =>
      sendLetter(options, players(i), client, i + 1, contacts[i]),
    );
    onStage("The expert signs them all in the parapheur, then the firm's seal follows");
    const before = stage.smses.count();
    const signed = await signAll(
      createParapheurApi({ api, apiKey: stage.firm.apiKey, member: stage.expert, smses: stage.smses }),
      letters,
      timeoutMs,
    );
    options.onExpertSigned();
    const codes = stage.smses.count() - before;
    const sent = await inLanes(letters, atOnce, async (letter, i) => {
      const one = await collectLetter(options, players(i), letter);
      options.onCompleted();
      return one;
    });
    return { contacts: contacts.filter(Boolean).length, letters: sent, parapheur: { ...signed, codes } };
  } finally {
    for (const one of apis) one.close();
  }
}

/** Ticks all of the letters and signs them, in as many sessions as they need. */
async function signAll(parapheur: ParapheurApi, letters: Letter[], timeoutMs: number): Promise<Signed> {
  const items = await waiting(parapheur, letters, timeoutMs);
  const signed: Signed = { documents: 0, sessions: 0 };
  for (let from = 0; from < items.length; from += mostDocuments) {
    if (from > 0) await sleep(codePauseMs);
    const session = await parapheur.open(items.slice(from, from + mostDocuments).map(chosen));
    await parapheur.sign(session);
    const { progress } = await parapheur.finished(session.id, timeoutMs + 50 * session.documents);
    signed.documents += progress.signed;
    signed.sessions += 1;
  }
  return signed;
}

/** The last client's signature is still being made when it has been accepted. */
async function waiting(
  parapheur: ParapheurApi,
  letters: Letter[],
  timeoutMs: number,
): Promise<ParapheurItem[]> {
  const ids = new Set(letters.map(({ collecteId }) => collecteId));
  for (const start = performance.now(); ; await sleep(lookEveryMs)) {
    const items = (await parapheur.all()).filter(({ collecte }) => ids.has(collecte));
    if (items.length === ids.size) return items;
    if (performance.now() - start > timeoutMs)
      throw new Error(`${items.length} of ${ids.size} letters wait for the expert`);
  }
}
