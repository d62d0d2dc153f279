import { expect } from "chai";
import { effectOfReturn, returnPathOf } from "../../../../src/actors/effects/bounces/return-path.ts";
import { newId } from "../../../../src/actors/runtime/ids.ts";
import { createSecrets } from "../../../../src/actors/runtime/secrets.ts";
import { secrets } from "../played.ts";

const domain = "bounces.example.com";

describe("the address that a mail comes back to", () => {
  const effectId = `${newId("col", 1_800_000_000_000)}.123.12`;
  const address = returnPathOf(secrets, effectId, domain);

  it("names the effect, in a local part of 64 octets at most, and in any case", () => {
    expect(address.indexOf("@")).to.be.at.most(64);
    expect(effectOfReturn(secrets, address, domain)).to.equal(effectId);
    expect(effectOfReturn(secrets, address.toUpperCase(), domain)).to.equal(effectId);
  });

  it("can be made by nobody else", () => {
    const other = createSecrets(Buffer.alloc(32, 8));
    expect(effectOfReturn(other, address, domain)).to.equal(undefined);
    const forged = address.replace(".123.", ".124.");
    for (const wrong of [forged, "bounce@bounces.example.com", "", address.replace(domain, "example.com")])
      expect(effectOfReturn(secrets, wrong, domain), wrong).to.equal(undefined);
    for (let i = 0; i < address.indexOf("@"); i++) {
      const changed = `${address.slice(0, i)}${address[i] === "0" ? "1" : "0"}${address.slice(i + 1)}`;
      expect(effectOfReturn(secrets, changed, domain), changed).to.equal(undefined);
    }
  });
});
