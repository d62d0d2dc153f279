import type { Command } from "../../../src/actors/collecte/commands.ts";
import { decide } from "../../../src/actors/collecte/decide.ts";
import { effectsOf } from "../../../src/actors/collecte/effects.ts";
import { evolve } from "../../../src/actors/collecte/evolve.ts";
import { type Collecte, nothing } from "../../../src/actors/collecte/state.ts";
import type { Clock, Directory, EffectInHand, EffectOrder } from "../../../src/actors/runtime/ports.ts";
import { createSecrets } from "../../../src/actors/runtime/secrets.ts";

export const launchedAt = Date.parse("2026-11-23T13:05:00Z");
export const secrets = createSecrets(Buffer.alloc(32, 7));
export const clock: Clock = { now: () => launchedAt + 60_000 };
export const settings = { baseUrl: "https://sign.example.com", mailDomain: "mail.example.com" };
export const original = "a".repeat(64);

export const firmLogo = Buffer.from("logo");

/** A firm, `firm_1`, with an expert, `member_1`. */
export const directory: Directory = {
  firm: async (id) =>
    id === "firm_1"
      ? { id, name: "Cabinet Bérénice", email: "cabinet@example.com", country: "FR", settings: {} }
      : undefined,
  logo: async (id) => (id === "firm_1" ? firmLogo : undefined),
  members: async () => [],
  member: async () => undefined,
  apiKey: async () => undefined,
};

/** What a story of commands leads to: the last state, and all that it ordered of the outside world. */
export interface Played {
  state: Collecte;
  effects: EffectInHand[];
  /** The effect of that kind (and notice) that was ordered last, with the state as it is at the end of the story. */
  lastEffect(kind: string, notice?: string): EffectInHand;
}

/** Lets the law decide a story; a refusal is a fault of the test. */
export function played(...story: Command[]): Played {
  let state: Collecte = nothing;
  let version = 0;
  const effects: EffectInHand[] = [];
  for (const command of story) {
    const { happened, refused } = decide(state, command);
    if (refused) throw new Error(`${command.type} is refused: ${refused}`);
    version += 1;
    state = happened.reduce(evolve, state);
    const orders = happened.flatMap((event) => effectsOf(event, state, command));
    for (const [n, order] of orders.entries()) effects.push({ row: row(order, version, n), state });
  }
  return {
    state,
    effects,
    lastEffect(kind, notice) {
      const last = effects.findLast(
        ({ row }) => row.kind === kind && (notice === undefined || row.payload["notice"] === notice),
      );
      if (!last) throw new Error(`no effect ${kind} ${notice ?? ""}`);
      return { ...last, state };
    },
  };
}

function row(order: { kind: string }, version: number, n: number): EffectInHand["row"] {
  return {
    id: `col_1.${version}.${n}`,
    actorId: "col_1",
    actorKind: "collecte",
    firmId: "firm_1",
    kind: order.kind,
    payload: order as EffectOrder & Record<string, unknown>,
    attempts: 0,
    faults: 0,
    doubts: 0,
    lapses: 0,
    dueAt: launchedAt,
    leaseUntil: null,
  };
}

/** Alice signs, then the expert, then the firm seals. */
export function creation(change: Partial<Extract<Command, { type: "CreateCollecte" }>> = {}): Command {
  return {
    type: "CreateCollecte",
    firmId: "firm_1",
    language: "fr",
    documents: [{ id: "doc_1", sha256: original, bytes: 1000, pages: 2 }],
    steps: [{ signatories: ["alice"] }, { signatories: ["expert"] }, { seal: true }],
    copies: ["copy"],
    members: { expert: "member_1" },
    at: launchedAt,
    personal: {
      title: "Lettre de mission 2027",
      people: {
        alice: {
          name: "Alice Bœuf",
          firstName: "Alice",
          lastName: "Bœuf",
          email: "alice@example.com",
          phone: "+33612340001",
        },
        expert: { name: "Gaëlle Œuvrard", email: "expert@example.com", phone: "+33612340002" },
        copy: { name: "Chloé Copie", email: "copy@example.com" },
      },
    },
    ...change,
  };
}

export const launch: Command = { type: "LaunchCollecte", at: launchedAt };

/** Alice ticks the box; the code is sealed as the door does it. */
export function consent(
  otp = secrets.newOtp(),
  signatoryId = "alice",
  documents = [original],
  at = launchedAt,
): Command {
  return {
    type: "GiveConsent",
    signatoryId,
    linkGeneration: 1,
    sessionId: "ses_1",
    documents,
    consentText: "fr-1",
    otp,
    at,
    personal: { trace: {} },
  };
}

/** The code of `otp` is typed in. */
export function signing(otp: ReturnType<typeof secrets.newOtp>, signatoryId = "alice"): Command {
  return {
    type: "SignDocuments",
    signatoryId,
    linkGeneration: 1,
    sessionId: "ses_1",
    otpId: otp.id,
    mac: otp.mac,
    at: launchedAt,
    personal: { trace: {} },
  };
}

/** The revisions are made: every document's head becomes `after`. */
export function signed(
  by: { signatoryId: string } | { seal: number },
  before: string,
  after: string,
): Command {
  const certificate = { sha256: "c".repeat(64), serialHex: "01" };
  return {
    type: "RecordSignature",
    by,
    documents: [{ id: "doc_1", before, after, bytes: 2000, certificate }],
    level: "B-B",
    at: launchedAt,
  };
}

/** All that a collecte of two signatories and a seal goes through. */
export function completion(): Command[] {
  const [b, c, d] = ["b", "c", "d"].map((one) => one.repeat(64)) as [string, string, string];
  const [one, two] = [secrets.newOtp(), secrets.newOtp()];
  return [
    creation(),
    launch,
    consent(one),
    signing(one),
    signed({ signatoryId: "alice" }, original, b),
    consent(two, "expert", [b]),
    signing(two, "expert"),
    signed({ signatoryId: "expert" }, b, c),
    signed({ seal: 2 }, c, d),
  ];
}
