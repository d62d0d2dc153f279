import type { Collecte } from "../../collecte/state.ts";
import type { Session } from "../../parapheur/state.ts";
import type { AwaitedAct, Instant } from "../ports.ts";
import type { CollecteView } from "./reads.ts";

/** A line of a member's list: an act that waits in a collecte. */
export interface AwaitedLine extends AwaitedAct {
  collecteId: string;
  /** Since when it waits as it does now. */
  since: Instant;
}

/** For which documents acts are looked for: of all types, or of these. */
export interface Among {
  sign: "all" | string[];
  seal: "all" | string[];
}

export interface AwaitedPage {
  limit: number;
  /** Only what has its deadline after this instant: what is over waits for nobody. */
  now: Instant;
  among: Among;
  /** The last line of the page before. */
  after?: Pick<AwaitedLine, "dueAt" | "collecteId" | "act" | "key">;
}

export interface ParapheurView {
  id: string;
  version: number;
  state: Session;
}

/** What parapheurs read of the store; every call names the firm, and finds nothing of another one. */
export interface Parapheurs {
  /** What waits for a member, the oldest deadline first. */
  awaited(firmId: string, memberId: string, page: AwaitedPage): Promise<AwaitedLine[]>;
  counts(
    firmId: string,
    memberId: string,
    of: Pick<AwaitedPage, "now" | "among">,
  ): Promise<{ sign: number; seal: number }>;
  /** Those of the collectes that are the firm's, by id. */
  collectes(firmId: string, ids: string[]): Promise<Map<string, CollecteView>>;
  /** Their states with nothing said about people: where thousands are looked at, nothing is deciphered. */
  courses(firmId: string, ids: string[]): Promise<Map<string, Collecte>>;
  session(firmId: string, id: string): Promise<ParapheurView | undefined>;
}
