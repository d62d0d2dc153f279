import type { Request } from "express";
import { canonicalJson } from "../actors/runtime/canonical-json.ts";
import { idFrom, newId } from "../actors/runtime/ids.ts";
import { digestOf } from "../actors/runtime/secrets.ts";
import { Problem } from "./problem.ts";

/** What an Idempotency-Key may be. */
export const keyForm = /^[\x21-\x7e]{1,255}$/;

/** The words that make a request known when it comes again: the `Idempotency-Key`, and of a list also the place in it. */
export type Key = readonly [key: string, ...place: string[]];

/** The `Idempotency-Key` of a request, if it has one. Throws `idempotency_key_invalid`. */
export function idempotencyKey(request: Request): string | undefined {
  const key = request.get("Idempotency-Key");
  if (key !== undefined && !keyForm.test(key)) throw new Problem("idempotency_key_invalid");
  return key;
}

/** The same as the whole key of a request that makes one thing. */
export function keyOf(request: Request): Key | undefined {
  const key = idempotencyKey(request);
  return key === undefined ? undefined : [key];
}

/** What a request is known by. */
export interface Known {
  key: Key | undefined;
  /** Method and concrete path, so that one key may launch two collectes. */
  address: string;
  body: unknown;
}

/** How a command is known: the same key of the same firm at the same address names the same message. */
export interface Naming {
  id: string;
  /** Absent without a key: nothing to compare with. */
  fingerprint?: string;
}

/** Names the command of a request of `sender`. */
export function nameCommand(sender: string, { key, address, body }: Known, now: number): Naming {
  if (key === undefined) return { id: newId("msg", now) };
  const [word, ...place] = key;
  const id = idFrom("msg", `${sender}:${address}:${word}`, ...place);
  return { id, fingerprint: digestOf(canonicalJson(body ?? null)) };
}

/** The id of what a request creates: the same for the same key. */
export function idOfCreated(prefix: string, firmId: string, key: Key | undefined, now: number): string {
  return key === undefined ? newId(prefix, now) : idFrom(prefix, firmId, ...key);
}
