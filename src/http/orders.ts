import type { Command } from "../actors/collecte/commands.ts";
import type { Message } from "../actors/runtime/ports.ts";
import type { NewCollecte } from "./collecte-schema.ts";
import { createCommand, type LookedUp } from "./create-collecte.ts";
import { idOfCreated, type Known, nameCommand } from "./idempotency.ts";

/*
 * What a firm's program may order, on a route of its own or in a list: the same key names the same message on both
 * ways, because both ways end here.
 */

/** What an order to create is known by. */
export function createdBy(collecte: unknown): Omit<Known, "key"> {
  return { address: "POST /v1/collectes", body: collecte };
}

/** What an order to launch is known by; nothing that its body may hold means anything. */
export function launchedBy(collecteId: string): Omit<Known, "key"> {
  return { address: `POST /v1/collectes/${collecteId}/launch`, body: null };
}

/** Throws `not_found` with every id of a document or member that isn't the firm's. */
export function createMessage(
  firmId: string,
  known: Known,
  collecte: NewCollecte,
  found: LookedUp,
  at: number,
): Message {
  const id = idOfCreated("col", firmId, known.key, at);
  return messageTo(id, firmId, known, createCommand(firmId, collecte, found, at));
}

export function launchMessage(firmId: string, known: Known, collecteId: string, at: number): Message {
  return messageTo(collecteId, firmId, known, { type: "LaunchCollecte", at });
}

function messageTo(actorId: string, firmId: string, known: Known, command: Command): Message {
  const { id, fingerprint } = nameCommand(firmId, known, command.at);
  const message: Message = { id, actorId, kind: "collecte", firmId, command };
  // Spreading one object into another costs more than all the rest of a launch.
  if (fingerprint !== undefined) message.fingerprint = fingerprint;
  return message;
}
