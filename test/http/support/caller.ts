import { createHash } from "node:crypto";
import { PDFDocument } from "pdf-lib";
import { keys, type OpenDoor } from "./a-door.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a program without our types would read them
export type Json = any;

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: Json;
}

/** One request; `json` is undefined when the answer isn't JSON. */
export async function call(
  url: string,
  request: { method?: string; bearer?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const raw = typeof request.body === "string" || request.body instanceof Uint8Array;
  const body =
    request.body === undefined
      ? null
      : raw
        ? (request.body as string | Uint8Array<ArrayBuffer>)
        : JSON.stringify(request.body);
  const response = await fetch(url, {
    method: request.method ?? (body === null ? "GET" : "POST"),
    body,
    headers: {
      ...(body !== null && { "Content-Type": raw ? "application/pdf" : "application/json" }),
      ...(request.bearer !== undefined && { Authorization: `Bearer ${request.bearer}` }),
      ...request.headers,
    },
  });
  const text = await response.text();
  const isJson = response.headers.get("Content-Type")?.includes("json") && text !== "";
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}

export async function aPdf(words = "Lettre de mission"): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  pdf.addPage([595, 842]).drawText(words, { x: 50, y: 780 });
  pdf.addPage([595, 842]);
  return pdf.save();
}

export const claire = {
  firstName: "Claire",
  lastName: "Dubœuf",
  email: "claire@client.example",
  phone: "06 12 34 56 78",
};

export const lukasz = {
  firstName: "Łukasz",
  lastName: "Wiśniewski",
  email: "lukasz@client.example",
  phone: "+48 512 345 678",
};

/** Uploads a document of the cabinet and answers with its id. */
export async function uploaded(door: OpenDoor, key: string = keys.cabinet): Promise<string> {
  const { json } = await call(`${door.url}/v1/documents?name=Lettre.pdf`, {
    bearer: key,
    body: await aPdf(),
  });
  return json.id;
}

/** A draft of the cabinet: these steps, or Claire, then the expert, then the seal. */
export async function drafted(door: OpenDoor, changes: Record<string, unknown> = {}): Promise<Json> {
  const documents = [await uploaded(door)];
  const steps = [{ signatories: [claire] }, { member: "mem_expert" }, { seal: true }];
  const body = {
    title: "Lettre de mission 2026",
    documents,
    steps,
    copies: [{ email: "dg@client.example" }],
    ...changes,
  };
  const { status, json } = await call(`${door.url}/v1/collectes`, { bearer: keys.cabinet, body });
  if (status !== 201) throw new Error(JSON.stringify(json));
  return json;
}

export async function launched(door: OpenDoor, changes: Record<string, unknown> = {}): Promise<Json> {
  const { id } = await drafted(door, changes);
  const { json } = await call(`${door.url}/v1/collectes/${id}/launch`, {
    method: "POST",
    bearer: keys.cabinet,
  });
  return json;
}

/** Exchanges the link that was mailed to that person. */
export async function sessionOf(
  door: OpenDoor,
  collecteId: string,
  personId: string,
  purpose: "sign" | "download" = "sign",
): Promise<string> {
  const token = door.engine.tokenOf(collecteId, personId, purpose);
  const { status, json } = await call(`${door.url}/v1/signing/sessions`, { body: { token } });
  if (status !== 201) throw new Error(JSON.stringify(json));
  return json.session;
}

/** Consents and signs with the code of the SMS. */
export async function signed(door: OpenDoor, session: string): Promise<Answer> {
  await call(`${door.url}/v1/signing/consent`, { bearer: session, body: {} });
  return call(`${door.url}/v1/signing/sign`, { bearer: session, body: { code: door.engine.lastCode() } });
}

/** Does what the signing effect does: other bytes, and a command that tells of them. */
export async function applyOrdered(door: OpenDoor, collecteId: string): Promise<void> {
  const state = door.engine.stateOf(collecteId);
  const first = state.ordered[0];
  if (!first) throw new Error("no signature was ordered");
  const documents = await Promise.all(
    state.documents.map(async ({ id, head, bytes }) => {
      const revision = Buffer.from(`%PDF-1.7 revision of ${head}`);
      const after = createHash("sha256").update(revision).digest("hex");
      await door.putBlob(after, revision);
      return { id, before: head, after, bytes: revision.length, was: bytes };
    }),
  );
  await door.engine.accept({
    id: `effect-${collecteId}-${state.documents[0]?.head}`,
    actorId: collecteId,
    kind: "collecte",
    firmId: state.firmId,
    command: {
      type: "RecordSignature",
      by: first,
      documents: documents.map(({ was: _was, ...document }) => ({
        ...document,
        certificate: { sha256: "0".repeat(64), serialHex: "01" },
      })),
      level: "B-B",
      at: door.clock.instant,
    } as { type: string; at: number },
  });
}

/** Plays a collecte of one signatory, the expert and the seal to its end. */
export async function completed(door: OpenDoor): Promise<Json> {
  const collecte = await launched(door);
  for (const signatoryId of ["s1", "s2"]) {
    await signed(door, await sessionOf(door, collecte.id, signatoryId));
    await applyOrdered(door, collecte.id);
  }
  await applyOrdered(door, collecte.id);
  return collecte;
}
