import { expect } from "chai";
import { enrolMember, ensureAuthority } from "../../src/identity/enrolment.ts";
import { keepEvidence } from "../../src/identity/kept-evidence.ts";
import { createOwnEvidence } from "../../src/identity/own-evidence.ts";
import { livingEntry, revokeEntry } from "../../src/identity/revoke.ts";
import { readCertificate } from "../../src/workers/x509/certificate.ts";
import { readOcspResponse } from "../../src/workers/x509/ocsp-response.ts";
import { onEachStore } from "../store/on-each-store.ts";
import type { OpenedStore } from "../store/open-store.ts";
import { thrownBy } from "../support/thrown.ts";

const minute = 60_000;
const firm = { id: "firm_1", name: "Cabinet", email: "c@cabinet.example", country: "FR", settings: {} };
const person = { firmId: "firm_1", firstName: "Zoé", lastName: "Martin", email: "z@z.example" };

onEachStore("evidence that is said again", (open) => {
  let opened: OpenedStore;
  let made: number;
  let isAway: boolean;
  let kept: ReturnType<typeof keepEvidence>;
  beforeEach(async () => {
    opened = await open();
    const { store, clock } = opened;
    await ensureAuthority(store, clock, "test");
    made = 0;
    isAway = false;
    const own = createOwnEvidence(store, clock);
    const counted = {
      evidenceFor: async (chainDer: readonly Uint8Array[]) => {
        made++;
        if (isAway) throw new Error("away");
        return own.evidenceFor(chainDer);
      },
    };
    kept = keepEvidence(counted, store.revocations, clock);
  });
  afterEach(() => opened.close());

  const enrolled = async (id: string): Promise<Uint8Array[]> => {
    const { store, clock } = opened;
    await enrolMember(store.keyring, clock, firm, { ...person, id });
    const { certificateDer, chainDer } = await store.keyring.ownedBy(id);
    return [certificateDer, ...chainDer, await store.keyring.rootDer()];
  };

  /** Answers what is said of the signer's certificate; the first look publishes lists, and is made again. */
  const told = async (chain: Uint8Array[]) => {
    await kept.evidenceFor(chain);
    const { ocsps } = await kept.evidenceFor(chain);
    return ocsps.map((der) => readOcspResponse(der).statements[0]?.status);
  };

  it("is made once for a thousand documents, and anew after ten minutes", async () => {
    const chain = await enrolled("mem_1");
    expect(await told(chain)).to.deep.equal(["good"]);
    made = 0;
    for (let i = 0; i < 20; i++) await kept.evidenceFor(chain);
    opened.clock.advance(9 * minute);
    await kept.evidenceFor(chain);
    expect(made).to.equal(0);
    opened.clock.advance(minute);
    await kept.evidenceFor(chain);
    expect(made).to.equal(1);
  });

  it("is never good of what was revoked a moment ago, and never of another's certificate", async () => {
    const { store, clock } = opened;
    const [chain, other] = [await enrolled("mem_1"), await enrolled("mem_2")];
    expect([await told(chain), await told(other)]).to.deep.equal([["good"], ["good"]]);
    const entry = (await livingEntry(store, clock, "mem_1")) ?? expect.fail("not enrolled");
    await store.together((added) => revokeEntry(added, clock, entry, "keyCompromise"));
    expect(await told(chain)).to.deep.equal(["revoked"]);
    expect(await told(other)).to.deep.equal(["good"]);
  });

  it("ends with the certificate, and is not said of a time before it was made", async () => {
    const chain = await enrolled("mem_1");
    const { notAfter } = readCertificate(chain[0] ?? new Uint8Array());
    opened.clock.advance(notAfter.getTime() - opened.clock.now() - minute);
    await told(chain);
    made = 0;
    opened.clock.advance(minute);
    await kept.evidenceFor(chain);
    expect(made).to.equal(1);
    opened.clock.advance(-30 * minute);
    await kept.evidenceFor(chain);
    expect(made).to.equal(2);
  });

  it("is asked for again after a failure", async () => {
    const chain = await enrolled("mem_1");
    isAway = true;
    expect((await thrownBy(kept.evidenceFor(chain))) as Error).to.have.property("message", "away");
    isAway = false;
    expect(await told(chain)).to.deep.equal(["good"]);
  });
});
