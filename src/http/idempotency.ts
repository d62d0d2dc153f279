import { createHash } from "node:crypto";
import type { Request } from "express";
import { idFrom, newId } from "../actors/runtime/ids.ts";
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
  return { messageId, fingerprint: sha256(canonical(request.body ?? null)) };
}

/** The id of what a request creates: the same for the same key. */
export function idOfCreated(prefix: string, firmId: string, key: string | undefined, now: number): string {
  return key === undefined ? newId(prefix, now) : idFrom(prefix, firmId, key);
}

/** JSON with sorted keys: the same for bodies that differ in order and spaces only. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(",")}}`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
