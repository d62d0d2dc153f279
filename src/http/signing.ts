import type { Request, Response } from "express";
import { z } from "zod";
import type { Command } from "../actors/collecte/commands.ts";
import { consentSentences } from "../actors/collecte/consent.ts";
import { lifeOfOtp } from "../actors/collecte/numbers.ts";
import type { Trace } from "../actors/collecte/state.ts";
import { documentHeads } from "../actors/collecte/state.ts";
import { wordFrom } from "../actors/runtime/ids.ts";
import { traceOf } from "./access.ts";
import { actAnswer, consentAnswer, signingAnswer } from "./answers/acts.ts";
import { type Delivery, deliverOne } from "./delivery.ts";
import type { Door } from "./door.ts";
import { idempotencyKey, keyOf, nameCommand } from "./idempotency.ts";
import { iso } from "./instants.ts";
import { downloadAll, readDocument } from "./own-documents.ts";
import { Problem } from "./problem.ts";
import { promiseSms, strictnessOf } from "./promise-sms.ts";
import type { Reader, Route } from "./route.ts";
import { phoneEnd, shownSigning } from "./signing-view.ts";
import { checked, strict } from "./validation.ts";
import { lines } from "./words.ts";

const consentBody = strict({
  documents: z
    .array(z.string().regex(/^[0-9a-f]{64}$/))
    .max(50)
    .optional(),
});
const signBody = strict({ code: z.string().regex(/^[0-9]{6}$/), otpId: z.string().max(100).optional() });
const refuseBody = strict({ reason: lines(1_000).optional() });

/** What the holder of a session may do. */
export function signingRoutes(door: Door, delivery: Delivery): Route[] {
  return [
    {
      method: "get",
      path: "/v1/signing",
      operationId: "readSigning",
      summary: "What is to be signed, or was",
      access: "session",
      answer: {
        status: 200,
        description: "{purpose, title, firm, signatory?, documents, state, otp?, …}",
        schema: signingAnswer,
      },
      handle: async (_request, response, reader) => {
        const firm = await door.directory.firm(reader.session.firmId);
        response.json(shownSigning(reader, firm, door.clock.now()));
      },
    },
    {
      method: "get",
      path: "/v1/signing/documents/{id}",
      operationId: "readDocument",
      summary: "Read a document: the very bytes that will be signed",
      access: "session",
      answer: { status: 200, description: "The PDF", file: "application/pdf", etag: "kept", ranges: true },
      handle: (request, response, reader) => readDocument(door, request, response, reader),
    },
    {
      method: "get",
      path: "/v1/signing/documents.zip",
      operationId: "downloadOwnZip",
      summary: "Download all finished documents as one ZIP",
      access: "session",
      answer: { status: 200, description: "The ZIP", file: "application/zip" },
      handle: (request, response, reader) => downloadAll(door, request, response, reader),
    },
    {
      method: "post",
      path: "/v1/signing/consent",
      operationId: "consent",
      summary: "Consent to sign the documents as read: a code is sent by SMS",
      access: "session",
      body: consentBody,
      prefer: ["wait"],
      answer: { status: 202, description: "{otpId, expiresAt, phoneEnd}", schema: consentAnswer },
      handle: (request, response, reader) => consent(door, { delivery, request, response, reader }),
    },
    {
      method: "post",
      path: "/v1/signing/sign",
      operationId: "sign",
      summary: "Sign all documents with the code",
      access: "session",
      body: signBody,
      prefer: ["wait"],
      answer: { status: 202, description: "{status}", schema: actAnswer("signing") },
      handle: (request, response, reader) => sign(door, { delivery, request, response, reader }),
    },
    {
      method: "post",
      path: "/v1/signing/refuse",
      operationId: "refuse",
      summary: "Refuse to sign: the collecte ends",
      access: "session",
      body: refuseBody,
      prefer: ["wait"],
      answer: {
        status: 200,
        description: "{status}",
        schema: actAnswer("refused"),
        also: { 202: actAnswer("refused") },
      },
      handle: (request, response, reader) => refuse(door, { delivery, request, response, reader }),
    },
  ];
}

async function consent(door: Door, visit: Visit): Promise<void> {
  const { request, response, reader } = visit;
  const { state } = reader.view;
  const { documents = documentHeads(state) } = checked(consentBody, request.body ?? {});
  const key = idempotencyKey(request);
  const fresh = door.secrets.newOtp();
  // A repeated request is answered with the code that the first one sent.
  const otp = key === undefined ? fresh : { ...fresh, id: wordFrom(reader.session.sessionId, key) };
  const at = door.clock.now();
  const { firmId, collecteId, personId } = reader.session;
  const strictness = strictnessOf((await door.directory.firm(firmId))?.settings);
  if (state.signatories[personId]?.otp?.id !== otp.id)
    await promiseSms(door, firmId, state.personal.people[personId]?.phone, at);
  await act(visit, (who, trace) => ({
    type: "GiveConsent",
    ...who,
    documents,
    consentText: consentSentences[state.language],
    otp,
    ...strictness,
    at,
    personal: { trace },
  }));
  // Only a repeated request can be answered with an older code.
  const now = key === undefined ? undefined : await door.reads.collecte(firmId, collecteId);
  const sent = now?.state.signatories[personId]?.otp;
  response.status(202).json({
    otpId: otp.id,
    expiresAt: iso(sent?.id === otp.id ? sent.expiresAt : at + lifeOfOtp(strictness)),
    phoneEnd: phoneEnd(state, personId),
  });
}

async function sign(door: Door, visit: Visit): Promise<void> {
  const { request, response, reader } = visit;
  const { code, otpId } = checked(signBody, request.body);
  const otp = reader.view.state.signatories[reader.session.personId]?.otp;
  const at = door.clock.now();
  // Without a code to compare with, the law says which refusal it is.
  const mac = otp ? door.secrets.otpMac(otp.salt, code) : "";
  const delivered = await act(visit, (who, trace) => ({
    type: "SignDocuments",
    ...who,
    otpId: otpId ?? otp?.id ?? "",
    mac,
    at,
    personal: { trace },
  }));
  response.status(202).json({ status: delivered === "done" ? "signing" : "accepted" });
}

async function refuse(door: Door, visit: Visit): Promise<void> {
  const { request, response } = visit;
  const { reason } = checked(refuseBody, request.body ?? {});
  const at = door.clock.now();
  const delivered = await act(visit, ({ signatoryId, linkGeneration }, trace) => ({
    type: "RefuseToSign",
    signatoryId,
    linkGeneration,
    at,
    personal: { ...(reason && { reason }), trace },
  }));
  if (delivered === "accepted") response.status(202);
  response.json({ status: delivered === "done" ? "refused" : "accepted" });
}

/** One act of a signatory, and the way of its answer. */
interface Visit {
  delivery: Delivery;
  request: Request;
  response: Response;
  reader: Reader;
}

interface Who {
  signatoryId: string;
  linkGeneration: number;
  sessionId: string;
}

/** Delivers an act of the signatory; the law checks the link's generation and the turn again. */
async function act(
  { delivery, request, response, reader: { session } }: Visit,
  commandOf: (who: Who, trace: Trace) => Command,
): Promise<"done" | "accepted"> {
  if (session.purpose !== "sign") throw new Problem("session_cannot_sign");
  const {
    personId: signatoryId,
    generation: linkGeneration,
    sessionId,
    collecteId: actorId,
    firmId,
  } = session;
  const command = commandOf({ signatoryId, linkGeneration, sessionId }, traceOf(request));
  const known = {
    key: keyOf(request),
    address: `${request.method} ${request.path}`,
    // Not the body: a digest of six figures would tell the code.
    body: null,
  };
  const { id } = nameCommand(`${firmId}:${sessionId}`, known, command.at);
  const message = { id, actorId, kind: "collecte", firmId, command };
  return (await deliverOne(delivery, request, response, message)).status;
}
