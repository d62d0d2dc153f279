import type { Request, Response } from "express";
import { z } from "zod";
import { newId } from "../actors/runtime/ids.ts";
import type { CollecteView, LinkTarget } from "../actors/runtime/ports.ts";
import { digestOf } from "../actors/runtime/secrets.ts";
import { iso } from "./collecte-view.ts";
import type { Door } from "./door.ts";
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
      answer: { status: 201, description: "{session, purpose, expiresAt}" },
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
  if (!target || !view || !isAlive(target, view, now)) throw new Problem("link_dead");
  const expiresAt = now + door.settings.sessionMinutes * 60_000;
  const session = door.secrets.sealSession({ ...target, sessionId: newId("ses", now), expiresAt });
  response.status(201).json({ session, purpose: target.purpose, expiresAt: iso(expiresAt) });
}

/** A signing link lives while its collecte is launched, until a newer one replaces it; the other once it is completed. */
function isAlive(target: LinkTarget, { state }: CollecteView, now: number): boolean {
  if (target.purpose === "download")
    return state.status === "completed" && (state.downloads?.[target.personId] ?? 1) === target.generation;
  return (
    state.status === "launched" &&
    now < (state.expiresAt ?? 0) &&
    state.signatories[target.personId]?.linkGeneration === target.generation
  );
}
