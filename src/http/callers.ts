import type { Request } from "express";
import { digestOf } from "../actors/runtime/secrets.ts";
import type { Door } from "./door.ts";
import { Problem } from "./problem.ts";
import type { FirmCaller, Reader } from "./route.ts";

/** The scheme's name is written in any case (RFC 9110, 11.1). */
const scheme = /^bearer /i;
const maxCredentialLength = 2_000;

function credential(request: Request): string {
  const { authorization } = request.headers;
  if (authorization === undefined || authorization.length > maxCredentialLength) return "";
  return scheme.test(authorization) ? authorization.slice("bearer ".length) : "";
}

function unauthorized(code: "key_invalid" | "session_invalid"): Problem {
  return new Problem(code, { headers: { "WWW-Authenticate": "Bearer" } });
}

/** Who calls with an API key. Throws `key_invalid`. */
export async function firmCaller(door: Door, request: Request): Promise<FirmCaller> {
  const key = credential(request);
  if (!key.startsWith("ck_")) throw unauthorized("key_invalid");
  const owner = await door.directory.apiKey(digestOf(key));
  const firm = owner && (await door.directory.firm(owner.firmId));
  if (!owner || !firm) throw unauthorized("key_invalid");
  return { keyId: owner.keyId, firm };
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
    if (signatory?.linkGeneration !== session.generation) throw new Problem("link_dead");
  } else if ((view.state.downloads?.[session.personId] ?? 1) !== session.generation)
    throw new Problem("link_dead");
  return { session, view };
}
