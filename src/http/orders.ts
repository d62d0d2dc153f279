import type { Command } from "../actors/collecte/commands.ts";
import type { Message } from "../actors/runtime/ports.ts";
import { type Act, type Asked, addressOf } from "./act.ts";
import type { NewCollecte } from "./collecte-schema.ts";
import { createCommand, type LookedUp, type Ordering } from "./create-collecte.ts";
import { idOfCreated, type Known, nameCommand } from "./idempotency.ts";

/*
 * What a firm's program may order, on a route of its own or in a list: the same key names the same message on both
 * ways, because both ways end here.
 */

/** What an order to create is known by. */
export function createdBy(collecte: unknown): Omit<Known, "key"> {
  return { address: "POST /v1/collectes", body: collecte };
}

/** An order about a collecte that exists. */
export interface OrderedAct {
  act: Act;
  collecteId: string;
  aboutId: string;
  /** It is done only if the collecte has that version still. */
  ifVersion?: number | undefined;
}

/** What it is known by; where it takes no body, nothing that one may hold means anything. */
export function orderedBy(
  { act, collecteId, aboutId, ifVersion }: OrderedAct,
  body: unknown,
): Omit<Known, "key"> {
  const sent = act.body ? body : null;
  return {
    address: addressOf(act, collecteId, aboutId),
    body: ifVersion === undefined ? sent : { ifVersion, sent },
  };
}

/** Throws `not_found` with every id of a document or member that isn't the firm's. */
export function createMessage(
  ordering: Ordering,
  known: Known,
  collecte: NewCollecte,
  found: LookedUp,
): Message {
  const { firmId, at } = ordering;
  const id = idOfCreated("col", firmId, known.key, at);
  return messageTo(id, firmId, known, createCommand(ordering, collecte, found));
}

/** Throws `not_found` when it names a member who isn't the firm's. */
export function actMessage(
  firmId: string,
  known: Known,
  { act, collecteId, ifVersion }: OrderedAct,
  asked: Asked<unknown>,
): Message {
  const message = messageTo(collecteId, firmId, known, act.command(asked));
  if (ifVersion !== undefined) message.command.ifVersion = ifVersion;
  return message;
}

function messageTo(actorId: string, firmId: string, known: Known, command: Command): Message {
  const { id, fingerprint } = nameCommand(firmId, known, command.at);
  const message: Message = { id, actorId, kind: "collecte", firmId, command };
  // Spreading one object into another costs more than all the rest of a launch.
  if (fingerprint !== undefined) message.fingerprint = fingerprint;
  return message;
}
