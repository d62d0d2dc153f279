import type { Request, Response } from "express";
import { awaitedOf } from "../actors/collecte/awaited.ts";
import type { Collecte } from "../actors/collecte/state.ts";
import { parapheurPage } from "./answers/acts.ts";
import { nameOf } from "./collecte-view.ts";
import type { Door } from "./door.ts";
import { amongOf, mayAct, type Standing, standingOf } from "./parapheur-rights.ts";
import { cursorOf, listQuery } from "./parapheur-schema.ts";
import { shownLine } from "./parapheur-view.ts";
import { Problem } from "./problem.ts";
import { type MemberCaller, parameter, type Route } from "./route.ts";
import { mustBeKept, sendDocument } from "./send-document.ts";
import { checked } from "./validation.ts";
import { idForm } from "./words.ts";

/** What waits for a member, over all collectes of the firm, and the documents to read. */
export function parapheurListRoutes(door: Door): Route[] {
  return [
    {
      method: "get",
      path: "/v1/parapheur",
      operationId: "listParapheur",
      summary: "List what waits for the member's signature or seal, the oldest deadline first",
      access: "member",
      query: listQuery,
      answer: { status: 200, description: "{counts, items, nextCursor?}", schema: parapheurPage },
      handle: (request, response, caller) => list(door, request, response, caller),
    },
    {
      method: "get",
      path: "/v1/parapheur/{collecteId}/documents/{id}",
      operationId: "readParapheurDocument",
      summary: "Read a document that waits for the member: the very bytes that will be signed",
      access: "member",
      answer: { status: 200, description: "The PDF", file: "application/pdf", etag: "kept", ranges: true },
      handle: (request, response, caller) => readDocument(door, request, response, caller),
    },
  ];
}

async function list(door: Door, request: Request, response: Response, caller: MemberCaller): Promise<void> {
  const { limit, cursor, for: expertId } = checked(listQuery, request.query);
  const { firm, member } = caller;
  const standing = await standingOf(door, caller);
  const of = { now: standing.now, among: amongOf(standing, expertId) };
  const whose = expertId ?? member.id;
  const [lines, counts, members] = await Promise.all([
    door.parapheurs.awaited(firm.id, whose, { ...of, limit: limit + 1, ...(cursor && { after: cursor }) }),
    door.parapheurs.counts(firm.id, whose, of),
    door.directory.members(firm.id),
  ]);
  const shown = lines.slice(0, limit);
  const views = await door.parapheurs.collectes(
    firm.id,
    shown.map(({ collecteId }) => collecteId),
  );
  const about = { firm, members: new Map(members.map((one) => [one.id, one])) };
  const last = shown.at(-1);
  response.json({
    counts: { total: counts.sign + counts.seal, ...counts },
    items: shown.flatMap((line) => {
      const view = views.get(line.collecteId);
      return view ? [shownLine(line, view, about)] : [];
    }),
    ...(last && lines.length > limit && { nextCursor: cursorOf(last) }),
  });
}

async function readDocument(
  door: Door,
  request: Request,
  response: Response,
  caller: MemberCaller,
): Promise<void> {
  const collecteId = parameter(request, "collecteId");
  const view = idForm.test(collecteId) ? await door.reads.collecte(caller.firm.id, collecteId) : undefined;
  const document = view?.state.documents.find(({ id }) => id === parameter(request, "id"));
  // Knowing an id is no right, and who has none need not learn that there is such a collecte.
  if (!view || !document || !mayRead(view.state, await standingOf(door, caller)))
    throw new Problem("not_found");
  mustBeKept(view.state);
  await sendDocument(door, request, response, { ...document, ...nameOf(view.state, document.id) }, "inline");
}

/** Those for whom it waits, who may act in their place, and who has signed it. */
function mayRead(state: Collecte, standing: Standing): boolean {
  const { id } = standing.member;
  if (state.status === "purged") return false;
  const hasSigned = Object.values(state.signatories).some(
    (one) => one.status !== "waiting" && (one.memberId === id || one.signs?.memberId === id),
  );
  if (hasSigned) return true;
  return awaitedOf(state).some(
    ({ memberId, act }) => memberId === id || mayAct(standing, act, state.documentType, memberId),
  );
}
