import { expect } from "chai";
import { awaitedOf } from "../../../src/actors/collecte/awaited.ts";
import { collecteDecider } from "../../../src/actors/collecte/decider.ts";
import { noteAwaited } from "../../../src/actors/runtime/awaiting.ts";
import { drain } from "../../../src/actors/runtime/drain.ts";
import { lawsOf } from "../../../src/actors/runtime/laws.ts";
import type { ActorRow, AwaitedAct, Changes, Message } from "../../../src/actors/runtime/ports.ts";
import { secretsOfTests } from "../../store/open-store.ts";
import { createMemoryStore } from "../../support/memory-journal.ts";

const morning = Date.UTC(2026, 10, 30, 9);
const day = 24 * 60 * 60_000;
const actor: ActorRow = {
  id: "col_1",
  kind: "collecte",
  firmId: "firm_1",
  version: 2,
  state: {},
  headHash: "",
  createdAt: morning,
  updatedAt: morning + 5,
};
const act = (changes: Partial<AwaitedAct> = {}): AwaitedAct => ({
  memberId: "mem_1",
  act: "sign",
  key: "s1",
  dueAt: morning + day,
  ...changes,
});

function noted(old: AwaitedAct[], wanted: AwaitedAct[]): Pick<Changes, "awaited" | "unawaited"> {
  const changes = { awaited: [], unawaited: [] };
  noteAwaited(changes, actor, old, wanted);
  return changes;
}

describe("what an actor that moved notes for members", () => {
  it("is nothing when nothing of it changed", () => {
    expect(noted([act()], [act()])).to.deep.equal({ awaited: [], unawaited: [] });
  });

  it("is what is new, what is otherwise, and what is over", () => {
    const row = { actorId: "col_1", firmId: "firm_1", since: morning + 5 };
    for (const changed of [
      act({ dueAt: morning + 2 * day }),
      act({ memberId: "mem_2" }),
      act({ documentType: "bilan" }),
    ])
      expect(noted([act()], [changed])).to.deep.equal({ awaited: [{ ...changed, ...row }], unawaited: [] });
    const seal = act({ act: "seal", key: "1" });
    expect(noted([act()], [seal])).to.deep.equal({
      awaited: [{ ...seal, ...row }],
      unawaited: [{ actorId: "col_1", act: "sign", key: "s1" }],
    });
  });

  it("follows a collecte from launch to signature, over a reminder", async () => {
    const { journal, parapheurs } = createMemoryStore(secretsOfTests);
    const laws = lawsOf(collecteDecider);
    const among = { sign: "all", seal: "all" } as const;
    let count = 0;
    async function told(command: { type: string; at: number } & Record<string, unknown>) {
      count += 1;
      const message: Message = {
        id: `m${count}`,
        actorId: "col_1",
        kind: "collecte",
        firmId: "firm_1",
        command,
      };
      await journal.transaction(async (tx) => {
        const { changes, outcomes } = await drain(tx, laws, [message], [], command.at);
        expect(outcomes.get(message.id)).to.include({ status: "done" });
        await tx.write(changes);
      });
      const lines = await parapheurs.awaited("firm_1", "mem_1", { limit: 9, now: command.at, among });
      return lines.map(({ key, dueAt }) => [key, dueAt]);
    }
    const person = { name: "Anne Durand", email: "anne@cabinet.example", phone: "+33612345678" };
    const drafted = {
      type: "CreateCollecte",
      firmId: "firm_1",
      language: "fr",
      documents: [{ id: "d1", sha256: "a".repeat(64), bytes: 9, pages: 1 }],
      steps: [{ signatories: ["s1"] }],
      copies: [],
      members: { s1: "mem_1" },
      at: morning,
      personal: { title: "Lettre", people: { s1: person } },
    };
    expect(await told(drafted)).to.deep.equal([]);
    expect(await told({ type: "LaunchCollecte", at: morning })).to.deep.equal([["s1", morning + 15 * day]]);
    const reminded = { type: "RemindSignatories", scheduled: false, by: {}, at: morning + day };
    expect(await told(reminded)).to.deep.equal([["s1", morning + 30 * day]]);
    const signs = {
      ...{ type: "SignAsMember", signatoryId: "s1", memberId: "mem_1", sessionId: "pph_1", otpId: "otp" },
      ...{ documents: ["a".repeat(64)], consentText: "lu", at: morning + 2 * day },
      personal: { trace: {} },
    };
    expect(await told(signs)).to.deep.equal([]);
  });

  it("is nothing of a collecte that waits for no member", () => {
    expect(awaitedOf(collecteDecider.nothing)).to.deep.equal([]);
  });
});
