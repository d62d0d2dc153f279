import { expect } from "chai";
import { createFirmSeals } from "../../src/identity/firm-seals.ts";
import type { CertificateEntry } from "../../src/store/key-rows.ts";
import type { WritableKeyring } from "../../src/store/keyring.ts";
import { createTestPki } from "../workers/pki.ts";

describe("the certificates of a firm's seal", () => {
  it("are told newest first, without their keys", async () => {
    const pki = createTestPki();
    const { certificateDer, chainDer } = pki.seal;
    const entry = (createdAt: number, more: Partial<CertificateEntry>): CertificateEntry => ({
      ...{ keyId: `key_${createdAt}`, ownerId: "firm_1", certificateDer, chainDer },
      ...{ keyIn: "file", notAfter: 0, createdAt, ...more },
    });
    const kept = [entry(1, { revokedAt: 2 }), entry(3, { anchorDer: pki.rootDer })];
    const entries = async (ownerId?: string) => (ownerId === "firm_1" ? kept : []);
    const seals = createFirmSeals({ keyring: { entries } as unknown as WritableKeyring });
    const [newest, oldest, ...more] = await seals.of("firm_1");
    expect(more).to.deep.equal([]);
    expect(newest).to.include({ isBrought: true }).and.not.have.property("revokedAt");
    expect(newest?.subject.commonName).to.equal("Cabinet Émeraude");
    expect(newest?.notAfter).to.be.greaterThan(newest?.notBefore ?? Number.NaN);
    expect(oldest).to.include({ isBrought: false, revokedAt: 2, serialHex: newest?.serialHex });
    expect(Object.keys(newest ?? {})).not.to.include.members(["keyId"]);
    expect(await seals.of("firm_2")).to.deep.equal([]);
  });
});
