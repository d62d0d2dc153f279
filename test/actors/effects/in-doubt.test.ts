import { expect } from "chai";
import type { Command } from "../../../src/actors/collecte/commands.ts";
import { inDoubt } from "../../../src/actors/effects/in-doubt.ts";
import type { EffectInHand } from "../../../src/actors/runtime/ports.ts";
import { aCollecte } from "../../support/collecte-builder.ts";

const { state } = aCollecte().launched();
const deadline = state.expiresAt ?? 0;
const effect = { state } as EffectInHand;

function signed(at: number): Command {
  return { type: "RecordSignature", by: { signatoryId: "s1" }, documents: [], level: "B-B", at };
}

describe("a signature that is made while the clock is in doubt", () => {
  const told = (command: Command | undefined, isHeld: boolean) =>
    inDoubt(
      async () => command,
      async () => isHeld,
    )(effect);

  it("is told so from the deadline on", async () => {
    expect(await told(signed(deadline), true)).to.deep.equal({ ...signed(deadline), isInDoubt: true });
    expect(await told(signed(deadline), false)).to.deep.equal(signed(deadline));
  });

  it("asks for no look at the clock before the deadline, nor for what is no signature", async () => {
    const never = () => Promise.reject(new Error("looked"));
    const unlooked = (command: Command | undefined) => inDoubt(async () => command, never)(effect);
    expect(await unlooked(signed(deadline - 1))).to.deep.equal(signed(deadline - 1));
    expect(await unlooked(undefined)).to.equal(undefined);
    expect(await unlooked({ type: "ExpireCollecte", at: deadline })).to.deep.include({ at: deadline });
  });
});
