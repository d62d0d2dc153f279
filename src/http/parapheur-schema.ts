import { z } from "zod";
import { mostDocuments } from "../actors/parapheur/state.ts";
import type { AwaitedPage } from "../actors/runtime/ports.ts";
import { maxDocuments } from "./collecte-schema.ts";
import { cursorFor, pageQuery } from "./page-query.ts";
import { fault, strict } from "./validation.ts";
import { id } from "./words.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const act = z.enum(["sign", "seal"]);

const choice = strict({
  collecte: id,
  act,
  /** As they were shown, in their order. */
  documents: z.array(sha256).min(1).max(maxDocuments),
  for: id.optional(),
});

/** What `POST /v1/parapheur/sessions` takes: `consent` is the box that the member ticked. */
export const sessionBody = strict({
  consent: z.literal(true),
  language: z.enum(["fr", "en"]).default("fr"),
  choices: z
    .array(choice)
    .min(1)
    .max(mostDocuments)
    .superRefine((choices, context) => {
      const seen = new Set<string>();
      for (const [index, { collecte, act: what }] of choices.entries()) {
        if (seen.has(`${collecte} ${what}`)) fault(context, "choice_duplicate", [index]);
        seen.add(`${collecte} ${what}`);
      }
    }),
});

export type Chosen = z.output<typeof choice>;

/** 5,000 documents with their digests. */
export const sessionBytes = 2 * 1024 * 1024;

export const codesBody = strict({ language: z.enum(["fr", "en"]).default("fr") });

export const signatureBody = strict({
  code: z.string().regex(/^[0-9]{6}$/),
  otpId: z.string().max(100).optional(),
});

const place = z.strictObject({
  dueAt: z.number().int(),
  collecteId: id,
  act,
  key: id,
});

export const listQuery = strict({
  ...pageQuery(place),
  for: id.optional(),
});

export const outcomes = ["awaiting_code", "signing", "waiting", "signed", "failed", "refused"] as const;

export const sessionQuery = strict({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  /** The place from which on outcomes are shown. */
  from: z.coerce.number().int().min(0).max(mostDocuments).default(0),
  status: z.enum(outcomes).optional(),
});

/** Where the next page begins, as an opaque word. */
export function cursorOf({ dueAt, collecteId, act: what, key }: NonNullable<AwaitedPage["after"]>): string {
  return cursorFor({ dueAt, collecteId, act: what, key });
}
