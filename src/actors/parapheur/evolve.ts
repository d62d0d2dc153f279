import type { ParapheurEvent } from "./events.ts";
import type { Refused, Session } from "./state.ts";

/** The state after an event. Total and pure: the same events always give the same state. */
export function evolve(state: Session, event: ParapheurEvent): Session {
  switch (event.type) {
    case "SessionOpened": {
      const { firmId, memberId, digest, consentText, choices, leftOut, at, personal } = event;
      const opened = { firmId, memberId, digest, consentText, choices, leftOut, openedAt: at, personal };
      return { ...state, ...opened, status: "open" };
    }
    case "SessionSigned": {
      const { otpId, at } = event;
      return { ...state, status: "signed", otpId, signedAt: at };
    }
    case "RoundOrdered":
      return { ...state, rounds: event.round, inHand: event.places };
    case "RoundDone": {
      const refused = { ...state.refused };
      for (const place of state.inHand) delete refused[place];
      return { ...state, inHand: [], refused: { ...refused, ...refusedAt(event.refused, event.at) } };
    }
  }
}

function refusedAt(refused: Record<number, string>, at: number): Record<number, Refused> {
  return Object.fromEntries(Object.entries(refused).map(([place, code]) => [place, { code, at }]));
}
