import type { OpenSession, ParapheurCommand, RetrySession, SignSession } from "./commands.ts";
import { happened, type ParapheurDecision, refuse } from "./refusals.ts";
import { mostDocuments, retriedUntil, type Session } from "./state.ts";

/** The law of a session of the parapheur. No clock, no chance, nothing outside. */
export function decide(state: Session, command: ParapheurCommand): ParapheurDecision {
  if (state.status === "none" && command.type !== "OpenSession") return refuse("not_found");
  switch (command.type) {
    case "OpenSession":
      return open(state, command);
    case "SignSession":
      return sign(state, command);
    case "RetrySession":
      return retry(state, command);
    case "RecordRound":
    case "RecordRoundFailure": {
      const { round, at } = command;
      // Of a round that was recorded before nothing new can be said.
      if (round !== state.rounds || state.inHand.length === 0) return happened();
      const refused =
        command.type === "RecordRound"
          ? command.refused
          : Object.fromEntries(state.inHand.map((place) => [place, command.code]));
      return happened({ type: "RoundDone", round, refused, at });
    }
  }
}

function open(state: Session, command: OpenSession): ParapheurDecision {
  if (state.status !== "none") return refuse("already_created");
  const { choices } = command;
  if (choices.length === 0) return refuse("nothing_to_sign");
  if (choices.reduce((sum, { documents }) => sum + documents.length, 0) > mostDocuments)
    return refuse("too_many_documents");
  return happened({ ...command, type: "SessionOpened" });
}

function sign(state: Session, { digest, otpId, at }: SignSession): ParapheurDecision {
  // The message that brings the code may come twice.
  if (state.status === "signed") return state.otpId === otpId ? happened() : refuse("already_signed");
  if (state.digest !== digest) return refuse("documents_changed");
  const places = state.choices.map((_, place) => place);
  return happened({ type: "SessionSigned", otpId, at }, { type: "RoundOrdered", round: 1, places, at });
}

function retry(state: Session, { places, at }: RetrySession): ParapheurDecision {
  const until = retriedUntil(state);
  if (until === undefined) return refuse("consent_needed");
  if (at >= until) return refuse("retry_over");
  if (state.inHand.length > 0) return refuse("signature_in_progress");
  const known = [...new Set(places)].filter((place) => state.choices[place] !== undefined);
  if (known.length === 0) return refuse("nothing_failed");
  return happened({ type: "RoundOrdered", round: state.rounds + 1, places: known, at });
}
