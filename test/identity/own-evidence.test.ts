import { expect } from "chai";
import { enrolMember, ensureAuthority } from "../../src/identity/enrolment.ts";
import { rotateAuthority } from "../../src/identity/issuing-authority.ts";
import { createOwnEvidence } from "../../src/identity/own-evidence.ts";
import { livingEntry, revokeEntry } from "../../src/identity/revoke.ts";
import { timestampUnit } from "../../src/identity/service-keys.ts";
import { rootOwner } from "../../src/store/keyring.ts";
import { readCertificate } from "../../src/workers/x509/certificate.ts";
import { readCrl } from "../../src/workers/x509/crl.ts";
import { readOcspResponse } from "../../src/workers/x509/ocsp-response.ts";
import { revocationOf } from "../../src/workers/x509/revocation.ts";
import { onEachStore } from "../store/on-each-store.ts";
import type { OpenedStore } from "../store/open-store.ts";
import { thrownBy } from "../support/thrown.ts";

const day = 86_400_000;
const baseUrl = "https://sign.cabinet.example";
const firm = { id: "firm_1", name: "Cabinet", email: "c@cabinet.example", country: "FR", settings: {} };
const person = {
  firmId: "firm_1",
  firstName: "Zoé",
  lastName: "Martin",
  email: "z@z.example",
  phone: "+33612345678",
};

const subjectHex = (der: Uint8Array): string => Buffer.from(readCertificate(der).subjectDer).toString("hex");

onEachStore("evidence from our own authorities", (open) => {
  let opened: OpenedStore;
  beforeEach(async () => {
    opened = await open();
    await ensureAuthority(opened.store, opened.clock, "test");
  });
  afterEach(() => opened.close());

  const enrolled = async (id: string, url?: string) => {
    const { store, clock } = opened;
    await enrolMember(store.keyring, clock, firm, { ...person, id }, url);
    const { certificateDer, chainDer } = await store.keyring.ownedBy(id);
    return [certificateDer, ...chainDer, await store.keyring.rootDer()];
  };

  /** The status of each certificate under the next, by the checker that verifies documents. */
  async function statuses(chainDer: Uint8Array[]): Promise<string[]> {
    const { store, clock } = opened;
    const { crls, ocsps } = await createOwnEvidence(store, clock).evidenceFor(chainDer);
    const evidence = {
      crls: crls.map((der) => readCrl(der)),
      ocsps: ocsps.map((der) => readOcspResponse(der)),
    };
    const chain = chainDer.map((der) => readCertificate(der));
    return chain.slice(0, -1).map((certificate, i) => {
      const issuer = chain[i + 1];
      // OCSP tells seconds, the clock milliseconds.
      const at = new Date(Math.floor(clock.now() / 1000) * 1000);
      return issuer === undefined ? "none" : revocationOf(certificate, issuer, evidence, at).status;
    });
  }

  it("speaks for every certificate of a member's chain and of the timestamp unit's", async () => {
    const { store, clock } = opened;
    expect(await statuses(await enrolled("mem_1"))).to.deep.equal(["good", "good"]);
    const unit = await timestampUnit(store, clock);
    const chain = [unit.certificateDer, ...unit.chainDer, await store.keyring.rootDer()];
    expect(await statuses(chain)).to.deep.equal(["good", "good"]);
  });

  it("holds as long as a list does, but not longer than the certificate that it is about", async () => {
    const { store, clock } = opened;
    const chain = await enrolled("mem_1");
    const days = async () => {
      const { ocsps } = await createOwnEvidence(store, clock).evidenceFor(chain);
      const until = ocsps.map((der) => readOcspResponse(der).statements[0]?.nextUpdate?.getTime() ?? 0);
      return until.map((time) => Math.round((time - clock.now()) / day));
    };
    expect(await days()).to.deep.equal([7]);
    const { notAfter } = readCertificate(chain[0] ?? new Uint8Array());
    clock.advance(notAfter.getTime() - clock.now() - 2 * day);
    expect(await days()).to.deep.equal([2]);
    clock.advance(3 * day);
    expect(await days()).to.deep.equal([0]);
  });

  it("adds the authority's list where a certificate names no responder, as some ask only those named", async () => {
    const { store, clock } = opened;
    const crlsOf = async (chainDer: Uint8Array[]) => {
      const { crls } = await createOwnEvidence(store, clock, baseUrl).evidenceFor(chainDer);
      const names = crls.map((der) => Buffer.from(readCrl(der).issuerDer).toString("hex"));
      return chainDer.slice(1).filter((der) => names.includes(subjectHex(der))).length;
    };
    expect(await crlsOf(await enrolled("mem_1"))).to.equal(2);
    expect(await crlsOf(await enrolled("mem_2", baseUrl))).to.equal(1);
  });

  it("tells what was revoked, of an authority that was replaced too", async () => {
    const { store, clock } = opened;
    const chain = await enrolled("mem_1");
    await rotateAuthority(store, clock);
    const other = await enrolled("mem_2");
    expect(Buffer.compare(chain[1] ?? new Uint8Array(), other[1] ?? new Uint8Array())).to.not.equal(0);
    const entry = (await livingEntry(store, clock, "mem_1")) ?? expect.fail("not enrolled");
    await store.together((added) => revokeEntry(added, clock, entry, "keyCompromise"));
    expect(await statuses(chain)).to.deep.equal(["revoked", "good"]);
    expect(await statuses(other)).to.deep.equal(["good", "good"]);
  });

  it("is missing, and claims nothing, when an offline root's list has run out", async () => {
    const { store, clock } = opened;
    const chain = await enrolled("mem_1");
    expect(await statuses(chain)).to.deep.equal(["good", "good"]);
    const [root] = await store.keyring.entries(rootOwner);
    await store.together(({ keyring }) => keyring.setKey(root?.keyId ?? "", undefined));
    expect(await statuses(chain)).to.deep.equal(["good", "good"]);
    clock.advance(8 * day);
    expect(await thrownBy(statuses(chain))).to.have.property("code", "evidence_missing");
  });

  it("comes from a responder and a unit that are renewed in time, once for all processes", async () => {
    const { store, clock } = opened;
    const chain = await enrolled("mem_1");
    const responders = () =>
      store.keyring
        .entries()
        .then((all) => all.filter(({ ownerId }) => ownerId.startsWith("ocsp-responder/")));
    for (let days = 0; days <= 45; days += 5) {
      await Promise.all([statuses(chain), statuses(chain)]);
      clock.advance(5 * day);
    }
    expect(await responders()).to.have.length(3);
    const unit = await timestampUnit(store, clock);
    clock.advance(366 * day);
    const [next, same] = await Promise.all([timestampUnit(store, clock), timestampUnit(store, clock)]);
    expect(next.keyId).to.not.equal(unit.keyId);
    expect(same.keyId).to.equal(next.keyId);
  });
});
