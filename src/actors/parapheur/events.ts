import type { Choice, Instant, LeftOut, Trace } from "./state.ts";

/** What happened. Whatever tells about people stands under `personal`, which the store encrypts. */
export type ParapheurEvent =
  | {
      type: "SessionOpened";
      firmId: string;
      memberId: string;
      digest: string;
      consentText: string;
      choices: Choice[];
      leftOut: LeftOut[];
      at: Instant;
      personal: { trace: Trace };
    }
  | { type: "SessionSigned"; otpId: string; at: Instant }
  | { type: "RoundOrdered"; round: number; places: number[]; at: Instant }
  | { type: "RoundDone"; round: number; refused: Record<number, string>; at: Instant };
