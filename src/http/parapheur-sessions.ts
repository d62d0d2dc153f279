import type { Request, Response } from "express";
import { consentSentences } from "../actors/collecte/consent.ts";
import type { MemberCommand } from "../actors/member/commands.ts";
import { actsOf } from "../actors/member/state.ts";
import { otpLifeMs } from "../actors/otp/numbers.ts";
import type { ParapheurCommand } from "../actors/parapheur/commands.ts";
import { canonicalJson } from "../actors/runtime/canonical-json.ts";
import { wordFrom } from "../actors/runtime/ids.ts";
import type { Message, ParapheurView } from "../actors/runtime/ports.ts";
import { digestOf } from "../actors/runtime/secrets.ts";
import { traceOf } from "./access.ts";
import { openedSession, parapheurSession, sessionCode, sessionSigning } from "./answers/acts.ts";
import { type Delivery, deliverOne } from "./delivery.ts";
import type { Door } from "./door.ts";
import { idempotencyKey, idOfCreated, nameCommand } from "./idempotency.ts";
import { iso } from "./instants.ts";
import { mustBeCertified, resolved } from "./parapheur-choices.ts";
import { standingOf } from "./parapheur-rights.ts";
import { codesBody, sessionBody, sessionBytes, sessionQuery, signatureBody } from "./parapheur-schema.ts";
import { outcomesOf, shownSession } from "./parapheur-view.ts";
import { Problem } from "./problem.ts";
import { fieldCodes } from "./problems.ts";
import { promiseSms } from "./promise-sms.ts";
import type { MemberCaller, Route } from "./route.ts";
import { idIn } from "./staff-answers.ts";
import { checked } from "./validation.ts";

const sessions = "/v1/parapheur/sessions";

/** One request of a member, and the way of its commands. */
interface Visit {
  door: Door;
  delivery: Delivery;
  request: Request;
  response: Response;
  caller: MemberCaller;
}

/** One code for any choice of documents over any collectes. */
export function parapheurSessionRoutes(door: Door, delivery: Delivery): Route[] {
  const visit =
    (act: (visit: Visit) => Promise<void>) =>
    (request: Request, response: Response, caller: MemberCaller): Promise<void> =>
      act({ door, delivery, request, response, caller });
  return [
    {
      method: "post",
      path: sessions,
      operationId: "openParapheurSession",
      summary: "Consent to sign or seal all that was ticked: one code is sent by SMS",
      access: "member",
      body: sessionBody,
      maxJsonBytes: sessionBytes,
      prefer: ["wait"],
      answer: {
        status: 201,
        description: "{id, otpId, expiresAt, phoneEnd, documents, leftOut}",
        schema: openedSession,
        location: true,
      },
      handle: visit(open),
    },
    {
      method: "get",
      path: `${sessions}/{id}`,
      operationId: "readParapheurSession",
      summary: "What became of each document of a session",
      access: "member",
      query: sessionQuery,
      answer: {
        status: 200,
        description: "{id, status, progress, items, nextFrom?, leftOut}",
        schema: parapheurSession,
      },
      handle: visit(read),
    },
    {
      method: "post",
      path: `${sessions}/{id}/codes`,
      operationId: "sendParapheurCode",
      summary: "Send a new code for a session; the old one dies",
      access: "member",
      body: codesBody,
      prefer: ["wait"],
      answer: { status: 202, description: "{id, otpId, expiresAt, phoneEnd}", schema: sessionCode },
      handle: visit(sendCode),
    },
    {
      method: "post",
      path: `${sessions}/{id}/signature`,
      operationId: "signParapheurSession",
      summary: "Sign and seal everything of a session with its code",
      access: "member",
      body: signatureBody,
      prefer: ["wait"],
      answer: { status: 202, description: "{id, status}", schema: sessionSigning },
      handle: visit(sign),
    },
    {
      method: "post",
      path: `${sessions}/{id}/retry`,
      operationId: "retryParapheurSession",
      summary: "Try what failed again, without another code: for a day, and only the same bytes",
      access: "member",
      prefer: ["wait"],
      answer: { status: 202, description: "{id, status, retried}", schema: sessionSigning },
      handle: visit(retry),
    },
  ];
}

async function open(visit: Visit): Promise<void> {
  const { door, request, response, caller } = visit;
  const { choices: chosen, language } = checked(sessionBody, request.body);
  const { firm, member } = caller;
  const key = idempotencyKey(request);
  const at = door.clock.now();
  const standing = await standingOf(door, caller);
  const courses = await door.parapheurs.courses(firm.id, [
    ...new Set(chosen.map(({ collecte }) => collecte)),
  ]);
  const { choices, leftOut } = resolved(chosen, courses, standing);
  const id = idOfCreated("pph", firm.id, key === undefined ? undefined : [member.id, key], at);
  const before = key === undefined ? undefined : await door.parapheurs.session(firm.id, id);
  if (!before && choices.length === 0) {
    const errors = leftOut.map(({ place, code }) => ({
      field: `choices/${place}`,
      code,
      detail: fieldCodes[code],
    }));
    throw new Problem("nothing_to_sign", { errors: errors.slice(0, 100) });
  }
  if (!before) await mustBeCertified(door, { memberId: member.id, firmId: firm.id }, choices);
  const consentText = consentSentences[language];
  const digest = digestOf(canonicalJson({ id, memberId: member.id, consentText, choices }));
  const personal = { trace: traceOf(request) };
  await deliver(visit, id, "parapheur", request.body, {
    type: "OpenSession",
    firmId: firm.id,
    memberId: member.id,
    digest,
    consentText,
    choices,
    leftOut: leftOut.map(({ place: _, ...one }) => one),
    at,
    personal,
  });
  const opened = before ?? (await door.parapheurs.session(firm.id, id));
  const sent = await askForCode(visit, id, opened?.state.digest ?? digest, language);
  const { state } = opened ?? { state: { choices, leftOut } };
  response.setHeader("Location", `${sessions}/${id}`);
  response.status(201).json({
    id,
    ...sent,
    consentText,
    documents: state.choices.reduce((sum, { documents }) => sum + documents.length, 0),
    leftOut: state.leftOut.map(({ collecteId: collecte, act, code }) => ({ collecte, act, code })),
  });
}

async function sendCode(visit: Visit): Promise<void> {
  const { language } = checked(codesBody, visit.request.body ?? {});
  const { id, state } = await found(visit);
  if (state.status !== "open") throw new Problem("already_signed");
  visit.response.status(202).json({ id, ...(await askForCode(visit, id, state.digest, language)) });
}

async function askForCode(visit: Visit, sessionId: string, digest: string, language: "fr" | "en") {
  const { door, request, caller } = visit;
  const { firm, member, keyId } = caller;
  const key = idempotencyKey(request);
  const fresh = door.secrets.newOtp();
  // A repeated request is answered with the code that the first one sent.
  const otp = key === undefined ? fresh : { ...fresh, id: wordFrom(keyId, request.path, key) };
  const at = door.clock.now();
  const live = (await door.reads.memberActs(firm.id, member.id))?.otp;
  if (live?.id !== otp.id) await promiseSms(door, firm.id, member.phone, at);
  await deliver(visit, actsOf(member.id), "member", null, {
    type: "AskForCode",
    memberId: member.id,
    firmId: firm.id,
    purpose: "parapheur",
    sessionId: keyId,
    bound: [digest],
    parapheurId: sessionId,
    language,
    otp,
    at,
    personal: { trace: traceOf(request) },
  });
  const expiresAt = live?.id === otp.id ? live.expiresAt : at + otpLifeMs;
  return { otpId: otp.id, expiresAt: iso(expiresAt), phoneEnd: member.phone.slice(-2) };
}

async function sign(visit: Visit): Promise<void> {
  const { door, request, response, caller } = visit;
  const { code, otpId } = checked(signatureBody, request.body);
  const { id, state } = await found(visit);
  const { firm, member, keyId } = caller;
  const otp = (await door.reads.memberActs(firm.id, member.id))?.otp;
  await deliver(visit, actsOf(member.id), "member", null, {
    type: "UseCode",
    purpose: "parapheur",
    otpId: otpId ?? otp?.id ?? "",
    sessionId: keyId,
    bound: [state.digest],
    // Without a code to compare with, the law says which refusal it is.
    mac: otp ? door.secrets.otpMac(otp.salt, code) : "",
    at: door.clock.now(),
    personal: { trace: traceOf(request) },
  });
  response.status(202).json({ id, status: "signing" });
}

async function retry(visit: Visit): Promise<void> {
  const { door, response, caller } = visit;
  const { id, state } = await found(visit);
  const all = outcomesOf(state, await coursesOf(door, caller.firm.id, state.choices));
  const places = all.flatMap(({ status }, place) =>
    status === "failed" || status === "refused" ? [place] : [],
  );
  await deliver(visit, id, "parapheur", null, { type: "RetrySession", places, at: door.clock.now() });
  response.status(202).json({ id, status: "signing", retried: places.length });
}

async function read(visit: Visit): Promise<void> {
  const { door, request, response, caller } = visit;
  const query = checked(sessionQuery, request.query);
  const { id, state } = await found(visit);
  const all = outcomesOf(state, await coursesOf(door, caller.firm.id, state.choices));
  response.json(shownSession(id, state, all, query));
}

function coursesOf(door: Door, firmId: string, choices: ParapheurView["state"]["choices"]) {
  return door.parapheurs.courses(firmId, [...new Set(choices.map(({ collecteId }) => collecteId))]);
}

/** The member's own session: nobody else's is found. */
async function found({ door, request, caller }: Visit): Promise<ParapheurView> {
  const view = await door.parapheurs.session(caller.firm.id, idIn(request));
  if (!view || view.state.memberId !== caller.member.id) throw new Problem("not_found");
  return view;
}

/** The same request names the same message, one for each actor that it goes to; a code is no part of its digest. */
async function deliver(
  { delivery, request, response, caller }: Visit,
  actorId: string,
  kind: "member" | "parapheur",
  body: unknown,
  command: MemberCommand | ParapheurCommand,
): Promise<void> {
  const key = idempotencyKey(request);
  const known = {
    key: key === undefined ? undefined : ([key, kind] as const),
    address: `${request.method} ${request.path}`,
    body,
  };
  const { firm, member } = caller;
  const naming = nameCommand(`${firm.id}:${member.id}`, known, command.at);
  const message: Message = { ...naming, actorId, kind, firmId: firm.id, command };
  await deliverOne(delivery, request, response, message);
}
