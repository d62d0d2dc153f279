import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { MailSink } from "../../src/cli/sinks/mail-sink.ts";
import type { SmsSink } from "../../src/cli/sinks/sms-sink.ts";
import type { Part } from "./plan.ts";
import type { Answer, Caller, Order } from "./told.ts";

/** Where the people of a run live. */
export interface Scene {
  caller: Caller;
  apiKey: string;
  mails: Pick<MailSink, "next">;
  smses: Pick<SmsSink, "next">;
  letter: Uint8Array;
  /** By a phone number's place, in all of the drill: some run beside others. */
  phoneAt(place: number): string;
  /** Epoch: nobody waits longer. */
  deadline: number;
}

export interface Signatory {
  id: string;
  firstName: string;
  lastName: string;
  email: string;
  phone: string;
}

/** A collecte as its firm is shown it. */
export interface Shown {
  state: string;
  documents: { id: string; sha256: string }[];
  history: ({ type: string } & Record<string, unknown>)[];
}

/** What became of a part, as those who played it saw it. */
export interface Played {
  part: Part;
  signatories: Signatory[][];
  collecteId: string;
  /** Why it could not be played to its end. */
  failure?: string;
}

export async function playPart(scene: Scene, part: Part, place: number): Promise<Played> {
  const signatories = peopleOf(scene, part, place);
  const played: Played = { part, signatories, collecteId: "" };
  try {
    await pause(part.startMs);
    await playFirm(scene, played);
    await playSignatories(scene, played);
    const wanted = part.refused ? "refused" : "completed";
    await until(scene, `${part.title} to be ${wanted}`, async () => {
      const { state, history } = await shown(scene, played.collecteId);
      return state === wanted && lastNoticesIn(history) >= lastNoticesOf(played);
    });
  } catch (error) {
    played.failure = error instanceof Error ? error.message : String(error);
  }
  return played;
}

/** Ends with a full stop: one title may begin as another does. */
export function reasonOf({ title }: Part): string {
  return `refused ${title}.`;
}

export function shown({ caller, apiKey }: Scene, id: string): Promise<Shown> {
  return caller.read({ method: "GET", path: `/v1/collectes/${id}`, bearer: apiKey });
}

function peopleOf(scene: Scene, { steps, title }: Part, place: number): Signatory[][] {
  let count = 0;
  return steps.map((size) =>
    Array.from({ length: size }, () => {
      count += 1;
      const lastName = `Personne${title.replace(/\D+/g, " ")}`;
      const email = `s${count}.${title.replace(/\W+/g, ".").toLowerCase()}@drill.example`;
      return {
        id: `s${count}`,
        firstName: `N${count}`,
        lastName,
        email,
        phone: scene.phoneAt(place * 4 + count),
      };
    }),
  );
}

async function playFirm({ caller, apiKey, letter }: Scene, played: Played): Promise<void> {
  const { part, signatories } = played;
  const firm = { who: "firm", collecteId: "", expected: "ok", events: [] } as const;
  const documents: string[] = [];
  for (let number = 1; number <= part.documents; number++) {
    const request = { method: "POST", path: "/v1/documents", bearer: apiKey, body: letter } as const;
    documents.push(String(bodyOf(await caller.command({ ...firm, name: "upload", request })).id));
  }
  const people = signatories.map((step) => ({ signatories: step.map(({ id: _, ...person }) => person) }));
  const body = { title: part.title, documents, steps: [...people, ...(part.sealed ? [{ seal: true }] : [])] };
  const made = await caller.command({
    ...firm,
    name: "create",
    request: { method: "POST", path: "/v1/collectes", bearer: apiKey, body },
    events: ["CollecteCreated"],
  });
  played.collecteId = String(bodyOf(made).id);
  const launch: Order = {
    ...firm,
    name: "launch",
    collecteId: played.collecteId,
    request: { method: "POST", path: `/v1/collectes/${played.collecteId}/launch`, bearer: apiKey },
    events: ["CollecteLaunched"],
  };
  bodyOf(await caller.command(launch));
  await caller.read({ method: "GET", path: "/v1/collectes?limit=3", bearer: apiKey });
  if (part.launchedTwice)
    await caller.command({ ...launch, name: "launch again", expected: "not_draft", events: [] });
}

async function playSignatories(scene: Scene, played: Played): Promise<void> {
  const everybody = played.signatories.flat();
  for (const step of played.signatories)
    await Promise.all(step.map((one) => playSignatory(scene, played, one, one === everybody.at(-1))));
}

async function playSignatory(
  scene: Scene,
  played: Played,
  signatory: Signatory,
  isLast: boolean,
): Promise<void> {
  const { caller, mails, smses } = scene;
  const { part, collecteId } = played;
  const left = () => Math.max(1, scene.deadline - Date.now());
  const hasLink = ({ links }: { links: string[] }) => links.some((url) => url.includes("/sign#"));
  const mail = await mails.next(signatory.email, hasLink, left());
  const token = mail.links.find((url) => url.includes("/sign#"))?.split("#")[1] ?? "";
  const sessions = { method: "POST", path: "/v1/signing/sessions", body: { token } } as const;
  const { session } = await caller.read<{ session: string }>(sessions);
  const documents = await readAll(scene, session);
  const mine = (name: string, events: string[], body: object): Order => ({
    name,
    collecteId,
    who: signatory.id,
    request: { method: "POST", path: `/v1/signing/${name}`, bearer: session, body },
    expected: "ok",
    events: events.map((type) => `${type} ${signatory.id}`),
  });
  if (part.refused && isLast) {
    bodyOf(await caller.command(mine("refuse", ["CollecteRefused"], { reason: reasonOf(part) })));
    return;
  }
  const consent = await caller.command(mine("consent", ["ConsentGiven", "OtpIssued"], { documents }));
  const { otpId } = bodyOf(consent);
  const { text } = await smses.next(signatory.phone, () => true, left());
  const code = /\b(?:est|is) (\d{6})\b/.exec(text)?.[1] ?? "";
  if (part.wrongCode && signatory.id === "s1") {
    const wrong = mine("sign", ["OtpFailed"], { otpId, code: code === "123456" ? "654321" : "123456" });
    await caller.command({ ...wrong, expected: "otp_wrong" });
  }
  bodyOf(await caller.command(mine("sign", ["OtpConsumed", "SignatureOrdered"], { otpId, code })));
}

/** Reads every document whole, and answers with their digests. */
async function readAll({ caller }: Scene, bearer: string): Promise<string[]> {
  for (let tries = 1; ; tries++) {
    const { documents } = await caller.read<Shown>({ method: "GET", path: "/v1/signing", bearer });
    const announced = documents.map(({ sha256 }) => sha256);
    const read: string[] = [];
    for (const { id } of documents) {
      const pdf = await caller.bytes({ method: "GET", path: `/v1/signing/documents/${id}`, bearer });
      read.push(createHash("sha256").update(pdf).digest("hex"));
    }
    if (announced.join() === read.join()) return announced;
    // Somebody of the same step has signed meanwhile; but not again and again.
    if (tries === 5) throw new Error("a document is not the one that was announced");
  }
}

function bodyOf(answer: Answer): Record<string, unknown> {
  if (!answer.ok) throw new Error(`was refused: ${answer.code}`);
  return answer.body;
}

/** How many notices of the end must be in the record. */
function lastNoticesOf({ part, signatories }: Played): number {
  return part.refused ? 1 : signatories.flat().length;
}

function lastNoticesIn(history: Shown["history"]): number {
  const isLast = ({ notice }: Shown["history"][number]) => notice === "completed" || notice === "refused";
  return history.filter((event) => event.type === "NotificationSent" && isLast(event)).length;
}

async function until(scene: Scene, what: string, isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    if (Date.now() > scene.deadline) throw new Error(`waited in vain for ${what}`);
    await pause(150);
  }
}
