import { expect } from "chai";
import type { Clock, Instant, Journal } from "../../src/actors/runtime/ports.ts";
import { aMessage, write } from "./changes.ts";
import { canaries, canaryDraft, collecteCommitter, live, traceOfCanaries } from "./lives.ts";

/** A full life, with waiting mail and dead letters, in which all that is said about people is a canary. */
export async function liveWithCanaries(journal: Journal, clock: Clock): Promise<void> {
  const { reason } = canaries;
  const trace = traceOfCanaries;
  const begun = canaryDraft({ steps: ["s1", "s2"], copies: ["c1"] }).launched();
  const consented = begun.told(begun.consent("s1", { personal: { trace } }));
  const signed = consented.told(consented.signing("s1", { personal: { trace } })).applied();
  const refused = signed.told(signed.refusal("s2", { personal: { reason, trace } }));
  const outcomes = await live(journal, clock, "col-1", refused);
  expect(outcomes.map(({ status }) => status)).to.deep.equal(outcomes.map(() => "done"));

  const poison = (id: string, kind = "unknown-kind") => {
    const command: { type: string; at: Instant } = {
      ...begun.turns[0]?.command,
      type: "Poison",
      at: clock.now(),
    };
    return aMessage(id, { actorId: "col-2", kind, command });
  };
  const committer = collecteCommitter(journal, clock);
  await committer.accept(poison("waits"));
  await write(journal, {
    deadLetters: [{ message: poison("died"), error: "unexpected", at: clock.now() }],
  });
  await committer.stop();
}

export function expectNoCanary(bytes: Buffer): void {
  for (const [what, canary] of Object.entries(canaries)) {
    for (const encoding of ["utf8", "utf16le"] as const) {
      expect(bytes.includes(Buffer.from(canary, encoding)), `${what} in ${encoding}`).to.equal(false);
    }
    for (const inBase64 of base64Forms(canary)) expect(bytes.includes(inBase64), what).to.equal(false);
  }
}

/**
 * How a text looks in base64, wherever in a longer text it stands: all characters that nothing but the text decides. Any
 * fewer, and a short text is soon found in ciphertext by chance.
 */
export function base64Forms(text: string | Uint8Array): string[] {
  return [0, 1, 2].map((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), Buffer.from(text as string)]);
    const own = [Math.ceil((shift * 8) / 6), Math.floor((shifted.length * 8) / 6)] as const;
    return shifted.toString("base64").slice(...own);
  });
}
