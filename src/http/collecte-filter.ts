import { z } from "zod";
import type { Collecte } from "../actors/collecte/state.ts";
import type { CollecteView, Reads } from "../actors/runtime/ports.ts";
import { cursorFor, pageQuery } from "./page-query.ts";
import { shownTasks } from "./task-view.ts";
import { strict } from "./validation.ts";
import { id, instant, line } from "./words.ts";

const states = ["draft", "launched", "completed", "refused", "expired", "cancelled", "purged"] as const;

const place = z.strictObject({ createdAt: z.number().int(), id });

/** The query of `GET /v1/collectes`: a collecte is listed when all that is said is so of it. */
export const listQuery = strict({
  ...pageQuery(place),
  state: z.enum(states).optional(),
  documentType: line(100).optional(),
  preparer: id.optional().meta({ description: "Made by this member, or with this key" }),
  member: id.optional().meta({ description: "This member signs it, or approves its seal" }),
  q: line(100).optional().meta({
    description:
      "All these words are in its title, or in names, e-mails or file names; accents and case are one",
  }),
  createdFrom: instant.optional(),
  createdUntil: instant.optional().meta({ description: "Made before this" }),
  expiresUntil: instant.optional().meta({ description: "Launched, with its deadline before this" }),
  hasTasks: z
    .enum(["true", "false"])
    .optional()
    .meta({ description: "Whether something waits for its preparer" }),
});

export type ListQuery = z.output<typeof listQuery>;

/** Where the next page begins, as an opaque word. */
export function cursorOf(last: { createdAt: number; id: string }): string {
  return cursorFor({ createdAt: last.createdAt, id: last.id });
}

/** What is said of people is sealed in the store, so that nothing can look for it there: it is read and looked at here. */
const slice = 100;
const mostLookedAt = 1_000;

/** One page, newest first. It may be short, or empty, and yet have a next one: no request looks at more than a thousand. */
export async function listed(
  reads: Pick<Reads, "collectes">,
  firmId: string,
  query: ListQuery,
): Promise<{ views: CollecteView[]; next?: CollecteView }> {
  const { limit, cursor, state, createdFrom = Number.NEGATIVE_INFINITY, createdUntil } = query;
  const isListed = filterOf(query);
  const status = state && { status: state };
  let before = cursor ?? (createdUntil === undefined ? undefined : { createdAt: createdUntil, id: "" });
  const views: CollecteView[] = [];
  for (let looked = 0; ; ) {
    const size = isListed ? slice : limit + 1;
    const page = await reads.collectes(firmId, { limit: size, ...(before && { before }), ...status });
    for (const view of page) {
      if (view.createdAt < createdFrom) return { views };
      if (isListed && !isListed(view.state)) continue;
      const last = views.at(-1);
      if (last && views.length === limit) return { views, next: last };
      views.push(view);
    }
    const end = page.at(-1);
    if (!end || page.length < size) return { views };
    looked += size;
    if (looked >= mostLookedAt) return { views, next: end };
    before = end;
  }
}

/** Whether a collecte is what the query asks for, beyond its state and when it was made; undefined when it asks no more. */
function filterOf(query: ListQuery): ((state: Collecte) => boolean) | undefined {
  const { documentType, preparer, member, q, expiresUntil, hasTasks } = query;
  const words = q === undefined ? [] : folded(q).split(/\s+/);
  const asked: ((state: Collecte) => boolean)[] = [];
  if (documentType !== undefined) asked.push((state) => state.documentType === documentType);
  if (preparer !== undefined)
    asked.push(({ preparer: by }) => by?.memberId === preparer || by?.keyId === preparer);
  if (member !== undefined) asked.push((state) => isAskedOf(state, member));
  if (expiresUntil !== undefined)
    asked.push(({ status, expiresAt = 0 }) => status === "launched" && expiresAt < expiresUntil);
  if (hasTasks !== undefined)
    asked.push((state) => (shownTasks(state).tasks !== undefined) === (hasTasks === "true"));
  if (words.length > 0)
    asked.push((state) => {
      const text = saidOf(state);
      return words.every((word) => text.includes(word));
    });
  return asked.length === 0 ? undefined : (state) => asked.every((one) => one(state));
}

function isAskedOf({ signatories, steps }: Collecte, memberId: string): boolean {
  const approves = steps.some((step) => "seal" in step && step.approver?.memberId === memberId);
  return (
    approves ||
    Object.values(signatories).some((one) => one.memberId === memberId || one.signs?.memberId === memberId)
  );
}

function saidOf({ personal }: Collecte): string {
  const people = Object.values(personal.people).flatMap(({ name, email }) => [name, email]);
  return folded([personal.title, ...people, ...Object.values(personal.documentNames ?? {})].join("\n"));
}

function folded(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase().replaceAll("œ", "oe");
}
