import type { RefusalCode } from "./refusals.ts";
import { type Collecte, hasEnded, type Instant, type Signatory } from "./state.ts";

/** The signatory, if they may act now by the link that they came with; else why not. */
export function whoseTurn(
  state: Collecte,
  act: { signatoryId: string; linkGeneration: number; at: number },
): Signatory | RefusalCode {
  const signatory = signatoryOf(state, act.signatoryId);
  if (!signatory) return stranger(state, act.signatoryId);
  if (signatory.linkGeneration !== act.linkGeneration) return "link_dead";
  return ifTheirTurn(state, signatory, act.at);
}

/** The same for who came by no link. */
export function ifTheirTurn(state: Collecte, signatory: Signatory, at: number): Signatory | RefusalCode {
  if (signatory.status === "signed") return "already_signed";
  const closed = closedTo(state, at);
  if (closed) return closed;
  if (signatory.status === "signing") return "signature_in_progress";
  if (signatory.step !== state.currentStep) return "out_of_turn";
  return signatory;
}

/** Of a collecte that was launched. */
export function deadlineOf({ expiresAt }: Collecte): Instant {
  return expiresAt as Instant;
}

/**
 * From when on somebody who was invited may be sent a code. The firm's own time to reflect is for its clients: its members
 * have none to wait for.
 */
export function reflectedAt(
  { terms }: Collecte,
  { memberId, reflectsSince }: Signatory,
): Instant | undefined {
  if (terms?.reflectionMs === undefined || memberId !== undefined) return undefined;
  return (reflectsSince as Instant) + terms.reflectionMs;
}

/** Why nobody may act any more, or yet. */
export function closedTo(state: Collecte, at: number): RefusalCode | undefined {
  if (state.status !== "launched") return notOpen(state);
  return at >= deadlineOf(state) ? "collecte_ended" : undefined;
}

export function notOpen(state: Collecte): RefusalCode {
  if (state.status === "none") return "not_found";
  return hasEnded(state) ? "collecte_ended" : "not_launched";
}

/** The signatory of that id, which may come from outside: a name that every object has is nobody's. */
export function signatoryOf({ signatories }: Collecte, id: string): Signatory | undefined {
  return Object.hasOwn(signatories, id) ? signatories[id] : undefined;
}

export function stranger(state: Collecte, id: string): RefusalCode {
  if (state.status === "none") return "not_found";
  return state.replaced?.includes(id) ? "link_dead" : "unknown_signatory";
}
