/** Whose an actor is, for what comes from outside with proof of an actor's id but no firm. */
export interface Owners {
  ownerOf(actorId: string): Promise<{ firmId: string; kind: string } | undefined>;
}
