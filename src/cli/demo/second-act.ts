import { createApiClient } from "../../../examples/end-of-year/api-client.ts";
import { type Client, generateClients } from "../../../examples/end-of-year/clients.ts";
import { createFirmApi } from "../../../examples/end-of-year/firm-api.ts";
import { playSignatory, refuseToSign } from "../../../examples/end-of-year/play-client.ts";
import { createSigningApi } from "../../../examples/end-of-year/signing-api.ts";
import {
  type Desk,
  keepRecord,
  type Letter,
  launchLetter,
  type Players,
  signatory,
  worldOf,
} from "./letter.ts";

/** How one scene ended; `isAsTold` is false when it did not as the product says. */
export interface Scene {
  name: "refusal" | "order change" | "reminder" | "expiry";
  isAsTold: boolean;
  outcome: string;
}

const daySeconds = 24 * 3_600;
const firmAddress = "cabinet@cabinet.example";
const reason = "Les honoraires ne sont pas ceux que nous avions convenus.";

/**
 * What doesn't go smoothly: a client refuses, one is on holiday and the next signs first, one needs a reminder, and one
 * never answers. The clock is moved for the last, when nothing is left to be signed. Answers what time it is then.
 */
export async function playSecondAct(desk: Desk): Promise<{ scenes: Scene[]; now: number }> {
  const client = createApiClient(desk.stage.engine.url, { tries: 20 });
  const players = { firm: createFirmApi(client, desk.stage.firm.apiKey), api: createSigningApi(client) };
  const people = generateClients(5).map((one) => ({ ...one, email: `second-act.${one.email}` }));
  const [first, second, third, fourth, fifth] = people as [Client, Client, Client, Client, Client];
  try {
    const scenes = [
      await refusal(desk, players, first),
      await orderChange(desk, players, second, third),
      await reminder(desk, players, fourth),
    ];
    const { scene, now } = await expiry(desk, players, fifth);
    return { scenes: [...scenes, scene], now };
  } finally {
    client.close();
  }
}

async function refusal(desk: Desk, players: Players, client: Client): Promise<Scene> {
  const { firm, api } = players;
  const letter = await launched(desk, players, client, "refus");
  await refuseToSign(worldOf(desk, api), client, letter.title, reason);
  const told = await mailToFirm(desk, "Refusé : ", letter);
  const { state } = await keepRecord(desk, firm, letter);
  const { lines } = await firm.summary(letter.collecteId);
  const isInSummary = lines.some(({ text, details }) => [text, ...details].join("\n").includes(reason));
  return {
    name: "refusal",
    isAsTold: state === "refused" && told.includes(reason) && isInSummary,
    outcome: `${state}; the firm was told why by mail, and the summary says it: “${reason}”`,
  };
}

async function orderChange(desk: Desk, players: Players, away: Client, next: Client): Promise<Scene> {
  const { firm, api } = players;
  const letter = await launched(desk, players, away, "ordre", next);
  const { collecteId, title } = letter;
  // Its link dies with the new order; another comes when it is their turn again.
  await mailed(desk, away, "À signer : ", title);
  await firm.changeOrder(collecteId, [
    { signatories: ["s2"] },
    { signatories: ["s1"] },
    { seal: true, key: 2 },
  ]);
  await playSignatory(worldOf(desk, api), next, title);
  await playSignatory(worldOf(desk, api), away, title);
  await mailed(desk, away, "Signé : ", title);
  const { state } = await keepRecord(desk, firm, letter);
  const { history } = await firm.collecte(collecteId);
  const signed = (history as { type: string; signatoryId?: string }[])
    .filter(({ type }) => type === "SignatureApplied")
    .map(({ signatoryId }) => signatoryId);
  return {
    name: "order change",
    isAsTold: state === "completed" && signed.join() === "s2,s1",
    outcome: `${next.firstName} ${next.lastName} signed while ${away.firstName} ${away.lastName} was away, who signed after; ${state}`,
  };
}

async function reminder(desk: Desk, players: Players, client: Client): Promise<Scene> {
  const { firm, api } = players;
  const letter = await launched(desk, players, client, "relance");
  const deadline = async () => (await firm.collecte(letter.collecteId)).expiresAt ?? "";
  const before = await deadline();
  await firm.remind(letter.collecteId);
  await mailed(desk, client, "Rappel, à signer : ", letter.title);
  const after = await deadline();
  await playSignatory(worldOf(desk, api), client, letter.title);
  await mailed(desk, client, "Signé : ", letter.title);
  const { state } = await keepRecord(desk, firm, letter);
  const days = (Date.parse(after) - Date.parse(before)) / (daySeconds * 1_000);
  return {
    name: "reminder",
    isAsTold: state === "completed" && days === 15,
    outcome: `the deadline moved by ${days} days, from ${day(before)} to ${day(after)}; ${state}`,
  };
}

async function expiry(desk: Desk, players: Players, client: Client): Promise<{ scene: Scene; now: number }> {
  const { firm } = players;
  const letter = await launched(desk, players, client, "oubli");
  const { now } = await firm.letPass(15 * daySeconds);
  await mailToFirm(desk, "Expiré : ", letter);
  const { state } = await keepRecord(desk, firm, letter);
  return {
    scene: {
      name: "expiry",
      isAsTold: state === "expired",
      outcome: `${state} when the clock was moved by 15 days, to ${day(now)}; the firm was told`,
    },
    now: Date.parse(now),
  };
}

/** A letter that one client signs, or two after one another, then the firm's seal. */
function launched(
  desk: Desk,
  { firm }: Players,
  client: Client,
  name: string,
  ...others: Client[]
): Promise<Letter> {
  const steps = [
    ...[client, ...others].map((one) => ({ signatories: [signatory(one)] })),
    { seal: true as const },
  ];
  return launchLetter(desk, firm, client, {
    title: `Avenant (${name}) – ${client.company}`,
    name: `avenant-${name}`,
    steps,
  });
}

function mailToFirm(desk: Desk, subject: string, { title }: Letter): Promise<string> {
  return mailed(desk, { email: firmAddress }, subject, title);
}

async function mailed(
  { stage, timeoutMs }: Desk,
  { email }: Pick<Client, "email">,
  subject: string,
  title: string,
): Promise<string> {
  const isIt = (mail: { subject: string }) => mail.subject === `${subject}${title}`;
  return (await stage.mails.next(email, isIt, timeoutMs)).text;
}

function day(instant: string): string {
  return instant.slice(0, 10);
}
