import type { CreateCollecte } from "../../src/actors/collecte/commands.ts";
import type { Instant, Step, Terms } from "../../src/actors/collecte/state.ts";

/** When every told collecte begins: 30 November 2026, 09:00 UTC. */
export const morning: Instant = Date.UTC(2026, 10, 30, 9);

/**
 * `"s1"` signs alone, `["s2", "s3"]` in any order, `"seal"` is the firm's, `"seal of a1"` waits for that approver, and
 * `"seal 2"` is, in another order, the one with that key.
 */
export type ToldStep = string | string[];

/** What a test may say of a collecte; the rest is one document, one signatory, no copy. */
export interface Told {
  steps?: ToldStep[];
  documents?: number;
  copies?: string[];
  members?: Record<string, string>;
  terms?: Terms;
  at?: Instant;
}

/** The command that makes it. */
export function creation(told: Told = {}): CreateCollecte {
  const { steps = ["s1"], documents = 1, copies = [], members = {}, terms, at = morning } = told;
  const asked = steps.flat().flatMap((id) => (id === "seal" ? [] : [id.replace("seal of ", "")]));
  return {
    type: "CreateCollecte",
    firmId: "firm",
    language: "fr",
    documents: Array.from({ length: documents }, (_, i) => ({
      id: `d${i + 1}`,
      sha256: `d${i + 1}-r0`,
      bytes: 50_000,
      pages: 2,
    })),
    steps: steps.map(stepOf),
    copies,
    members,
    ...(terms && { terms }),
    at,
    personal: {
      title: "Lettre de mission",
      people: Object.fromEntries(
        [...asked, ...copies].map((id) => [id, { name: `Zoé ${id}`, email: `${id}@client.example` }]),
      ),
    },
  };
}

/** The member of the firm who is this approver. */
export const memberOf = (approverId: string) => `mem_${approverId}`;

export function stepOf(step: ToldStep): Step {
  if (typeof step !== "string") return { signatories: step };
  const [, key, approver] = /^seal(?: (\d+)| of (\w+))?$/.exec(step) ?? [];
  if (key !== undefined) return { seal: true, key: Number(key) };
  if (approver !== undefined) return { seal: true, approver: { id: approver, memberId: memberOf(approver) } };
  return step === "seal" ? { seal: true } : { signatories: [step] };
}
