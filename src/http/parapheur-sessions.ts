import type { Request, Response } from "express";
import { consentSentences } from "../actors/collecte/consent.ts";
import { canonicalJson } from "../actors/runtime/canonical-json.ts";
import type { ParapheurView } from "../actors/runtime/ports.ts";
import { digestOf } from "../actors/runtime/secrets.ts";
import { traceOf } from "./access.ts";
import { openedSession, parapheurSession, sessionCode, sessionSigning } from "./answers/acts.ts";
import type { Delivery } from "./delivery.ts";
import type { Door } from "./door.ts";
import { fieldError } from "./field-errors.ts";
import { idempotencyKey, idOfCreated } from "./idempotency.ts";
import { type Asked, askForCode, deliverTo, type MemberVisit, useCode } from "./member-codes.ts";
import { mustBeCertified, resolved } from "./parapheur-choices.ts";
import { standingOf } from "./parapheur-rights.ts";
import { codesBody, sessionBody, sessionBytes, sessionQuery, signatureBody } from "./parapheur-schema.ts";
import { outcomesOf, shownSession, takenActs } from "./parapheur-view.ts";
import { Problem } from "./problem.ts";
import { idIn, type MemberCaller, type Route } from "./route.ts";
import { checked } from "./validation.ts";

const sessions = "/v1/parapheur/sessions";

/** One code for any choice of documents over any collectes. */
export function parapheurSessionRoutes(door: Door, delivery: Delivery): Route[] {
  const visit =
    (act: (visit: MemberVisit) => Promise<void>) =>
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

async function open(visit: MemberVisit): Promise<void> {
  const { door, request, response, caller } = visit;
  const { choices: chosen, language } = checked(sessionBody, request.body);
  const { firm, member } = caller;
  const key = idempotencyKey(request);
  const at = door.clock.now();
  const standing = await standingOf(door, caller);
  const courses = await door.parapheurs.courses(
    firm.id,
    chosen.map(({ collecte }) => collecte),
  );
  const { choices, leftOut } = resolved(chosen, courses, standing);
  const id = idOfCreated("pph", firm.id, key === undefined ? undefined : [member.id, key], at);
  const before = key === undefined ? undefined : await door.parapheurs.session(firm.id, id);
  if (!before && choices.length === 0) {
    const errors = leftOut.map(({ place, code }) => fieldError(`choices/${place}`, code));
    throw new Problem("nothing_to_sign", { errors: errors.slice(0, 100) });
  }
  if (!before) await mustBeCertified(door, { memberId: member.id, firmId: firm.id }, choices);
  const consentText = consentSentences[language];
  const digest = digestOf(canonicalJson({ id, memberId: member.id, consentText, choices }));
  const personal = { trace: traceOf(request) };
  await deliverTo(
    visit,
    { ...sessionActor(id), body: request.body },
    {
      type: "OpenSession",
      firmId: firm.id,
      memberId: member.id,
      digest,
      consentText,
      choices,
      leftOut: leftOut.map(({ place: _, ...one }) => one),
      at,
      personal,
    },
  );
  const opened = before ?? (await door.parapheurs.session(firm.id, id));
  const sent = await askForCode(visit, codeFor(id, opened?.state.digest ?? digest, language));
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

async function sendCode(visit: MemberVisit): Promise<void> {
  const { language } = checked(codesBody, visit.request.body ?? {});
  const { id, state } = await found(visit);
  if (state.status !== "open") throw new Problem("already_signed");
  visit.response.status(202).json({ id, ...(await askForCode(visit, codeFor(id, state.digest, language))) });
}

/** A code for all of a session, and for that session only. */
function codeFor(parapheurId: string, digest: string, language: "fr" | "en"): Asked {
  return { purpose: "parapheur", bound: [digest], parapheurId, language };
}

async function sign(visit: MemberVisit): Promise<void> {
  const typed = checked(signatureBody, visit.request.body);
  const { id, state } = await found(visit);
  await useCode(visit, { purpose: "parapheur", bound: [state.digest] }, typed);
  visit.response.status(202).json({ id, status: "signing" });
}

async function retry(visit: MemberVisit): Promise<void> {
  const { door, response, caller } = visit;
  const { id, state } = await found(visit);
  const all = outcomesOf(state, await coursesOf(door, caller.firm.id, state));
  const places = all.flatMap(({ status }, place) =>
    status === "failed" || status === "refused" ? [place] : [],
  );
  await deliverTo(
    visit,
    { ...sessionActor(id), body: null },
    { type: "RetrySession", places, at: door.clock.now() },
  );
  response.status(202).json({ id, status: "signing", retried: places.length });
}

async function read(visit: MemberVisit): Promise<void> {
  const { door, request, response, caller } = visit;
  const query = checked(sessionQuery, request.query);
  const { id, state } = await found(visit);
  const all = outcomesOf(state, await coursesOf(door, caller.firm.id, state));
  response.json(shownSession(id, state, all, query));
}

/** Of the acts whose outcome their collectes know: thousands are read, and only when they must be. */
function coursesOf(door: Door, firmId: string, session: ParapheurView["state"]) {
  const taken = takenActs(session).map(({ collecteId }) => collecteId);
  return door.parapheurs.courses(firmId, taken);
}

/** The member's own session: nobody else's is found. */
async function found({ door, request, caller }: MemberVisit): Promise<ParapheurView> {
  const view = await door.parapheurs.session(caller.firm.id, idIn(request));
  if (!view || view.state.memberId !== caller.member.id) throw new Problem("not_found");
  return view;
}

const sessionActor = (actorId: string) => ({ actorId, kind: "parapheur" }) as const;
