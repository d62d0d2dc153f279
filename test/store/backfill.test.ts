import { expect } from "chai";
import { nothing, type Signatory } from "../../src/actors/collecte/state.ts";
import { firstInstant, moved, write } from "./changes.ts";
import { onEachStore } from "./on-each-store.ts";

const signatory = (id: string, more: Partial<Signatory>): Signatory => ({
  ...{ id, step: 1, status: "invited", linkGeneration: 1, locked: false },
  ...{ otpIssuedAt: [], otpFailedAt: [] },
  ...more,
});

onEachStore("collectes from before there were parapheurs", (open) => {
  it("wait in them once the store is opened by this version", async () => {
    const { store, beside, another, close } = await open();
    const changes = moved({ id: "col-1" });
    const state = {
      ...nothing,
      status: "launched",
      firmId: "firm-a",
      steps: [{ seal: true }, { signatories: ["s1", "s2", "s3"] }],
      currentStep: 1,
      expiresAt: firstInstant + 1_000,
      documentType: "bilan",
      signatories: {
        s1: signatory("s1", { memberId: "mem-1" }),
        s2: signatory("s2", { memberId: "mem-1", status: "signed" }),
        s3: signatory("s3", {}),
      },
    };
    const actors = changes.actors.map((row) => ({ ...row, state }));
    await write(store.journal, { ...changes, actors });
    await write(store.journal, moved({ id: "col-2", status: "completed" }));
    await beside(async ({ sequelize }) => {
      await sequelize.query("DROP TABLE awaited");
      await sequelize.query("DELETE FROM migrations WHERE name = '0014-parapheur'");
    });
    const migrated = await another();
    const all = { limit: 9, now: firstInstant, among: { sign: "all", seal: "all" } } as const;
    expect(await migrated.parapheurs.awaited("firm-a", "mem-1", all)).to.deep.equal([
      {
        collecteId: "col-1",
        memberId: "mem-1",
        act: "sign",
        key: "s1",
        dueAt: firstInstant + 1_000,
        documentType: "bilan",
        since: firstInstant,
      },
    ]);
    await migrated.close();
    await close();
  });
});
