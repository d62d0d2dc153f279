import type { Request, Response } from "express";
import { z } from "zod";
import { downloadGeneration } from "../actors/collecte/told.ts";
import { newId } from "../actors/runtime/ids.ts";
import type { CollecteView, LinkTarget } from "../actors/runtime/ports.ts";
import { digestOf } from "../actors/runtime/secrets.ts";
import { sessionAnswer } from "./answers/acts.ts";
import type { Door } from "./door.ts";
import { iso } from "./instants.ts";
import { hasLeft } from "./left-members.ts";
import { Problem } from "./problem.ts";
import type { Route } from "./route.ts";
import { checked, strict } from "./validation.ts";

const exchange = strict({ token: z.string().min(1).max(200) });

/** The exchange of a link's token for a session. */
export function sessionRoutes(door: Door): Route[] {
  return [
    {
      method: "post",
      path: "/v1/signing/sessions",
      operationId: "openSession",
      summary: "Exchange the token of a link for a session",
      access: "link",
      body: exchange,
      answer: { status: 201, description: "{session, purpose, expiresAt}", schema: sessionAnswer },
      handle: (request, response) => openSession(door, request, response),
    },
  ];
}

async function openSession(door: Door, request: Request, response: Response): Promise<void> {
  const { token } = checked(exchange, request.body);
  const now = door.clock.now();
  const target = await door.reads.link(digestOf(token));
  // An unknown token takes as long as a dead one: both look for a collecte.
  const view = await door.reads.collecte(target?.firmId ?? "", target?.collecteId ?? "");
  if (!target || !view) throw new Problem("link_dead");
  const why = deathOf(target, view, now);
  if (why) throw new Problem("link_dead", { facts: { why } });
  if (target.purpose === "sign" && (await hasLeft(door, target.firmId, view, target.personId)))
    throw new Problem("link_dead", { facts: { why: "replaced" } });
  const expiresAt = now + door.settings.sessionMinutes * 60_000;
  const session = door.secrets.sealSession({ ...target, sessionId: newId("ses", now), expiresAt });
  response.status(201).json({ session, purpose: target.purpose, expiresAt: iso(expiresAt) });
}

/**
 * Why a link opens nothing any more: a newer one was sent or who it was for isn't asked now, or it is all over. Nothing more
 * is said: it may be in the hands of somebody whose address was wrong.
 */
function deathOf(
  { purpose, personId, generation }: LinkTarget,
  { state }: CollecteView,
  now: number,
): "replaced" | "ended" | undefined {
  const { status, signatories, expiresAt = 0, purgingAt } = state;
  if (purpose === "download") {
    if (downloadGeneration(state, personId) !== generation) return "replaced";
    return status === "completed" && purgingAt === undefined ? undefined : "ended";
  }
  if (signatories[personId]?.linkGeneration !== generation) return "replaced";
  return status === "launched" && now < expiresAt ? undefined : "ended";
}
