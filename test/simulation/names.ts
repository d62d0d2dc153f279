import { createHash } from "node:crypto";

import { partOf } from "../../src/actors/runtime/parts.ts";

const many = Array.from({ length: 400 }, (_, n) => `col-${n}`);

/** Ids of collectes: some crowd in one part, where they share wakes and drains, some are alone in theirs. */
export const collecteIds = {
  crowded: many.filter((id) => partOf(id) === 1).slice(0, 4),
  apart: [2, 3, 4, 5].flatMap((part) => many.find((id) => partOf(id) === part) ?? []),
};

/** Rarer than that of the real engine, and no different: time that nobody needs is skipped. */
export const sweepMs = 5_000;

/** A command that carries this makes its law throw, always. */
export const poison = "poison";

/** The collecte that an effect's id begins with. */
export function actorOfEffect(effectId: string): string {
  return effectId.split(".")[0] ?? "";
}

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
