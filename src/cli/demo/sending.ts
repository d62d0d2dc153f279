import type { Client } from "../../../examples/end-of-year/clients.ts";
import { playSignatory } from "../../../examples/end-of-year/play-client.ts";
import {
  clientsOf,
  collectLetter,
  type Desk,
  fileName,
  type Letter,
  launchLetter,
  makeFolders,
  type Players,
  playersOf,
  type Sent,
  signatory,
  worldOf,
} from "./letter.ts";

export interface SendingOptions extends Desk {
  clients: Client[];
  /** How many collectes are under way at once. */
  atOnce: number;
  onCompleted(): void;
}

export const signaturesOfCollecte = 3;

/**
 * A sending in which the expert signs each letter by its own mail and code: for each client a letter is uploaded, a
 * collecte made and launched (client, expert, seal), and everybody plays their part, up to the signed file that is
 * downloaded. Collectes depend on nothing but themselves, as faults in the middle need it.
 */
export async function sendLetters(options: SendingOptions): Promise<Sent[]> {
  const { stage, clients, folder, atOnce } = options;
  await makeFolders(folder);
  const apis = clientsOf(stage, 2 * atOnce);
  const players = playersOf(apis, stage.firm.apiKey);
  try {
    return await inLanes(clients, atOnce, async (client, i) => {
      const letter = await sendLetter(options, players(i), client, i + 1);
      await playSignatory(worldOf(options, players(i).api), stage.expert, letter.title);
      const sent = await collectLetter(options, players(i), letter);
      options.onCompleted();
      return sent;
    });
  } finally {
    for (const api of apis) api.close();
  }
}

/** Sends the client their letter, and has them sign it. `contact` names them by the firm's address book. */
export async function sendLetter(
  desk: Desk,
  { firm, api }: Players,
  client: Client,
  number: number,
  contact?: string,
): Promise<Letter> {
  const title = `Lettre de mission 2027 – ${client.company} (${number})`;
  const letter = await launchLetter(desk, firm, client, {
    title,
    name: fileName(number, client),
    steps: [
      contact === undefined ? { signatories: [signatory(client)] } : { contact },
      { member: desk.stage.expert.id },
      { seal: true },
    ],
  });
  await playSignatory(worldOf(desk, api), client, title);
  return letter;
}

/** Does it for all of them, so many at once; the answers in the order in which they came. */
export async function inLanes<T, R>(
  list: readonly T[],
  atOnce: number,
  doIt: (one: T, place: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = list.entries();
  const lane = async () => {
    for (const [i, one] of queue) results.push(await doIt(one, i));
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}
