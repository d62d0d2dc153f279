import { expect } from "chai";
import { createVault } from "../../src/store/vault.ts";
import { secretsOfTests } from "./open-store.ts";

describe("the keys of collectes in memory", () => {
  it("are at hand for an old collecte beside twenty thousand new ones", async function () {
    this.timeout(30_000);
    const vault = createVault(secretsOfTests);
    const value = { personal: { title: "kept" } };
    const wrapped = vault.create("old");
    for (let i = 0; i < 19_999; i++) vault.create(`actor-${i}`);
    vault.learn("old", wrapped);
    vault.create("newest");
    expect(vault.show("old", vault.hide("old", value))).to.deep.equal(value);
    expect(() => vault.hide("actor-0", value)).to.throw(/never read/);
  });
});
