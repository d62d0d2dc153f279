import type { Request } from "express";
import { canonicalJson } from "../actors/runtime/canonical-json.ts";
import { idFrom, newId } from "../actors/runtime/ids.ts";
import { digestOf } from "../actors/runtime/secrets.ts";
import { Problem } from "./problem.ts";

const acceptable = /^[\x21-\x7e]{1,255}$/;

/** The `Idempotency-Key` of a request, if it has one. Throws `idempotency_key_invalid`. */
export function idempotencyKey(request: Request): string | undefined {
  const key = request.get("Idempotency-Key");
  if (key !== undefined && !acceptable.test(key)) throw new Problem("idempotency_key_invalid");
  return key;
}

/** How a request is known: the same key of the same firm at the same address names the same message. */
export interface Naming {
  messageId: string;
  /** Absent without a key: nothing to compare with. */
  fingerprint?: string;
}

/** Names a firm's request. The address is the concrete one, so that one key may launch two collectes. */
export function nameRequest(request: Request, firmId: string, key: string | undefined, now: number): Naming {
  if (key === undefined) return { messageId: newId("msg", now) };
  const messageId = idFrom("msg", `${firmId}:${request.method} ${request.path}:${key}`);
  return { messageId, fingerprint: digestOf(canonicalJson(request.body ?? null)) };
}

/** The id of what a request creates: the same for the same key. */
export function idOfCreated(prefix: string, firmId: string, key: string | undefined, now: number): string {
  return key === undefined ? newId(prefix, now) : idFrom(prefix, firmId, key);
}
