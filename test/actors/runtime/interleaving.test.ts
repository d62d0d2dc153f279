import { expect } from "chai";
import fc from "fast-check";
import type { Message, Outcome } from "../../../src/actors/runtime/ports.ts";
import { aBench, type Bench, type Entry, enter } from "./ledger.ts";

const breaks = fc.constantFrom<Entry["breaks"]>(
  undefined,
  undefined,
  undefined,
  undefined,
  "decide",
  "evolve",
);

const script = fc.array(
  fc.record({
    actor: fc.integer({ min: 0, max: 4 }),
    word: fc.constantFrom("a", "b", "c", "refused"),
    orders: fc.array(fc.constantFrom("mail", "sms"), { maxLength: 2 }),
    bell: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    foreign: fc.constantFrom(false, false, false, false, true),
    breaks,
    /** Sent again, at once or later, under the same id. */
    again: fc.constantFrom(0, 0, 0, 1, 2),
    /** How many turns of the event loop pass before the next. */
    pause: fc.integer({ min: 0, max: 2 }),
  }),
  { minLength: 1, maxLength: 60 },
);

type Script = typeof script extends fc.Arbitrary<infer S> ? S : never;

function messagesOf(lines: Script): { message: Message; pause: number }[] {
  return lines.flatMap(({ actor, word, orders, bell, foreign, breaks: broken, again, pause }, i) => {
    const entry: Partial<Entry> = {
      orders,
      ...(bell !== undefined && { bellAt: Date.UTC(2027, 0, bell) }),
      ...(broken && { breaks: broken }),
    };
    const message = enter(`actor-${actor}`, word, {
      id: `script-${i}`,
      firmId: foreign ? "firm-b" : "firm-a",
      entry,
    });
    return Array.from({ length: again + 1 }, () => ({ message, pause }));
  });
}

/** All that can be seen from outside, whatever the groups were. */
function seen({ tables }: Bench) {
  const byKey = (one: { key: string }, other: { key: string }) => (one.key < other.key ? -1 : 1);
  return {
    actors: tables.actors
      .values()
      .map(({ id, version, state }) => ({ key: id, version, state }))
      .sort(byKey),
    events: tables.events
      .values()
      .map((record) => ({ key: record[0]?.actorId ?? "", record }))
      .sort(byKey),
    effects: tables.outbox
      .values()
      .map(({ id, kind }) => ({ key: id, kind }))
      .sort(byKey),
    timers: tables.timers
      .values()
      .map(({ actorId, name, dueAt }) => ({ key: `${actorId} ${name}`, dueAt }))
      .sort(byKey),
    receipts: tables.receipts
      .values()
      .map(({ messageId, outcome }) => ({ key: messageId, outcome }))
      .sort(byKey),
    waiting: tables.mailbox
      .values()
      .map(({ message, attempts }) => ({ key: message.id, attempts }))
      .sort(byKey),
  };
}

describe("any interleaving of messages to several actors", () => {
  it("ends as if they had come one after the other", async () => {
    await fc.assert(
      fc.asyncProperty(script, fc.integer({ min: 1, max: 20 }), async (lines, groupLimit) => {
        const messages = messagesOf(lines);
        const alone = aBench();
        const expected: Outcome[] = [];
        for (const { message } of messages) expected.push(await alone.committer.accept(message));

        const together = aBench({ groupLimit });
        const outcomes: Promise<Outcome>[] = [];
        for (const { message, pause } of messages) {
          outcomes.push(together.committer.accept(message));
          for (let i = 0; i < pause; i++) await new Promise(setImmediate);
        }
        expect(await Promise.all(outcomes)).to.deep.equal(expected);
        expect(seen(together)).to.deep.equal(seen(alone));
        expect(together.transactions()).to.be.at.most(alone.transactions());
      }),
      { numRuns: 200 },
    );
  }).timeout(30_000);
});
