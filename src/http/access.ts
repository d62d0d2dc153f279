import type { Request } from "express";
import type { Trace } from "../actors/collecte/state.ts";
import { accessOf } from "../actors/collecte/upkeep.ts";
import type { RecordAccess } from "../actors/collecte/upkeep-commands.ts";
import { codeOf } from "../actors/runtime/errors.ts";
import { idFrom } from "../actors/runtime/ids.ts";
import type { Door } from "./door.ts";
import type { Reader } from "./route.ts";

/** Where an act comes from. */
export function traceOf(request: Request): Trace {
  const userAgent = request.get("User-Agent")?.slice(0, 300);
  return { ...(request.ip && { ip: request.ip }), ...(userAgent && { userAgent }) };
}

/**
 * Puts on the record that somebody opened documents by their link, once for each session. The reader waits for nothing,
 * and gets the documents even if it can't be recorded: that is logged.
 */
export function recordAccess(
  { mailbox, clock, log }: Pick<Door, "mailbox" | "clock" | "log">,
  { session, view }: Reader,
  request: Request,
  act: RecordAccess["act"],
  documents: string[],
): void {
  const { personId, sessionId, collecteId, firmId } = session;
  const access = { personId, sessionId, act, documents };
  const known = accessOf(access);
  if (view.state.accesses?.includes(known)) return;
  const personal = { trace: traceOf(request) };
  const command: RecordAccess = { type: "RecordAccess", ...access, at: clock.now(), personal };
  const id = idFrom("msg", `${firmId}:${collecteId}:access`, known);
  mailbox
    .accept({ id, actorId: collecteId, kind: "collecte", firmId, command })
    .catch((error: unknown) => log.warn({ code: codeOf(error) }, "an access could not be recorded"));
}
