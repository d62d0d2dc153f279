import type { Request } from "express";
import { downloadGeneration } from "../actors/collecte/told.ts";
import type { Scope } from "../actors/runtime/scopes.ts";
import { digestOf } from "../actors/runtime/secrets.ts";
import type { Door } from "./door.ts";
import { hasLeft } from "./left-members.ts";
import { Problem } from "./problem.ts";
import type { FirmCaller, FirmRoute, Reader } from "./route.ts";
import { idForm } from "./words.ts";

/** The scheme's name is written in any case (RFC 9110, 11.1). */
const scheme = /^bearer /i;
const maxCredentialLength = 2_000;

function credential(request: Request): string {
  const { authorization } = request.headers;
  if (authorization === undefined || authorization.length > maxCredentialLength) return "";
  return scheme.test(authorization) ? authorization.slice("bearer ".length) : "";
}

function unauthorized(code: "key_invalid" | "member_session_invalid" | "session_invalid"): Problem {
  return new Problem(code, { headers: { "WWW-Authenticate": "Bearer" } });
}

/**
 * Who calls with an API key, perhaps for a member, or with a member's session. Throws `key_invalid`,
 * `member_session_invalid`, `acting_member_unknown` and `scope_missing`.
 */
export async function firmCaller(door: Door, request: Request): Promise<FirmCaller> {
  const shown = credential(request);
  return shown.startsWith("cs_") ? memberCaller(door, request, shown) : keyCaller(door, request, shown);
}

async function keyCaller(door: Door, request: Request, key: string): Promise<FirmCaller> {
  if (!key.startsWith("ck_")) throw unauthorized("key_invalid");
  const owner = await door.directory.apiKey(digestOf(key));
  const firm = owner && (await door.directory.firm(owner.firmId));
  if (!owner || !firm) throw unauthorized("key_invalid");
  const { keyId, scopes } = owner;
  door.keys.used(keyId);
  const id = request.get("Acting-Member");
  if (id === undefined) return { keyId, scopes, firm };
  if (!scopes.includes("act_for_members")) throw scopeMissing("act_for_members");
  const member = idForm.test(id) ? await door.directory.member(firm.id, id) : undefined;
  if (!member || member.leftAt !== undefined) throw new Problem("acting_member_unknown");
  return { keyId, scopes, firm, member };
}

async function memberCaller(door: Door, request: Request, token: string): Promise<FirmCaller> {
  const session = await door.memberSessions.use(digestOf(token));
  const [firm, member] = session
    ? await Promise.all([
        door.directory.firm(session.firmId),
        door.directory.member(session.firmId, session.memberId),
      ])
    : [];
  if (!session || !firm || !member || member.leftAt !== undefined)
    throw unauthorized("member_session_invalid");
  const acting = request.get("Acting-Member");
  // Nobody acts for somebody else by saying so.
  if (acting !== undefined && acting !== member.id) throw new Problem("acting_member_unknown");
  return { keyId: session.id, firm, member };
}

/** Throws `scope_missing`, `member_needed` or `expert_needed` when this caller may not call this route. */
export function refuseUnfit(route: FirmRoute, { scopes, member }: FirmCaller): void {
  if (route.access === "member") {
    if (!member) throw new Problem("member_needed");
    return;
  }
  const { scope, method, expertsOnly } = route;
  const isInScope = !scopes || scopes.includes(scope) || (method === "get" && scopes.includes("read"));
  if (!isInScope) throw scopeMissing(scope);
  if (expertsOnly && member && member.role !== "expert") throw new Problem("expert_needed");
}

function scopeMissing(scope: Scope): Problem {
  return new Problem("scope_missing", { facts: { scope } });
}

/**
 * Who calls with a session, with the collecte as it is now. Throws `session_invalid`, or `link_dead` when the
 * link that the session came from has been replaced since.
 */
export async function reader(door: Door, request: Request): Promise<Reader> {
  const session = door.secrets.openSession(credential(request), door.clock.now());
  if (!session) throw unauthorized("session_invalid");
  const view = await door.reads.collecte(session.firmId, session.collecteId);
  if (!view) throw new Problem("link_dead");
  if (session.purpose === "sign") {
    const signatory = view.state.signatories[session.personId];
    if (signatory?.linkGeneration !== session.generation) throw replaced();
    if (await hasLeft(door, session.firmId, view, session.personId)) throw replaced();
  } else if (downloadGeneration(view.state, session.personId) !== session.generation) throw replaced();
  return { session, view };
}

function replaced(): Problem {
  return new Problem("link_dead", { facts: { why: "replaced" } });
}
