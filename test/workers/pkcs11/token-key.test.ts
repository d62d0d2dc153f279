import { expect } from "chai";
import { PKCS11 } from "pkcs11js";
import type { KeyMaterial, SignerSpec, SignResult, TokenKeySpec } from "../../../src/actors/runtime/ports.ts";
import { authorityIdOf } from "../../../src/identity/authority-urls.ts";
import { certifyKey } from "../../../src/identity/certify.ts";
import { enrolMember, ensureAuthority } from "../../../src/identity/enrolment.ts";
import { sealFromToken } from "../../../src/identity/import-seal.ts";
import { installAuthority } from "../../../src/identity/issuing-authority.ts";
import { createOwnEvidence } from "../../../src/identity/own-evidence.ts";
import { createPublication } from "../../../src/identity/publication.ts";
import { rootOwner } from "../../../src/store/keyring.ts";
import { createSigningPool } from "../../../src/workers/pool.ts";
import { signDocument } from "../../../src/workers/sign-document.ts";
import { loadKey } from "../../../src/workers/signer-keys.ts";
import { verifyDocument } from "../../../src/workers/verify-document.ts";
import { readCertificate } from "../../../src/workers/x509/certificate.ts";
import { readCrl } from "../../../src/workers/x509/crl.ts";
import { createKeyPair, createRoot, issueCertificate, validityOf } from "../../../src/workers/x509/issue.ts";
import { findPath } from "../../../src/workers/x509/path.ts";
import { isSignedBy } from "../../../src/workers/x509/signature-algorithm.ts";
import { openTemporaryStore } from "../../store/open-store.ts";
import { needProgram, ran } from "../../support/programs.ts";
import { type KeyType, keyTypes, type SoftToken, softToken } from "../../support/soft-token.ts";
import { type Folder, temporaryFolder, writeLetter } from "../letters.ts";
import { createTestPki, someDay } from "../pki.ts";

const firm = {
  country: "FR",
  organization: "Cabinet",
  organizationIdentifier: "NTRFR-1",
  commonName: "Cabinet",
};
const rootKeys = createKeyPair("P-384");
const rootName = { country: "FR", organization: "Test", commonName: "Root" };
const rootDer = createRoot(rootName, rootKeys, validityOf("root", someDay));
const root = { certificateDer: rootDer, privateKey: rootKeys.privateKey };

describe("a key in a token", function () {
  this.timeout(30_000);
  let token: SoftToken;
  let folder: Folder;
  before(async function () {
    token = await softToken(this);
  });
  after(() => token?.remove());
  beforeEach(async () => {
    folder = temporaryFolder();
    await writeLetter(folder.path("0.pdf"), true);
  });
  afterEach(() => folder.remove());

  function sealed(label: string, type: KeyType): KeyMaterial {
    const publicKeyDer = token.makeKey(label, type);
    const certificateDer = issueCertificate(root, firm, publicKeyDer, "seal", validityOf("seal", someDay));
    return { keyId: label, pkcs11: token.spec(label), certificateDer, chainDer: [] };
  }

  const sign = (signer: SignerSpec): Promise<SignResult> =>
    signDocument({
      path: folder.path("0.pdf"),
      outPath: folder.path("1.pdf"),
      signer,
      signingTime: someDay.getTime(),
      name: "Cabinet",
    });

  async function validByBoth(trusted: Uint8Array): Promise<void> {
    const report = verifyDocument(folder.path("1.pdf"), { trustDer: [trusted] });
    expect([report.verdict, report.problems]).to.deep.equal(["TOTAL-PASSED", []]);
    const { stdout } = await ran("pdfsig", ["-nocert", folder.path("1.pdf")]);
    expect(stdout).to.contain("Signature is Valid");
  }

  for (const type of keyTypes) {
    it(`seals with ${type}`, async function () {
      needProgram(this, "pdfsig");
      const key = sealed(`seal ${type}`, type);
      for (let i = 0; i < 3; i++) expect(await sign({ kind: "kept", key, rootDer })).to.include({ ok: true });
      await validByBoth(rootDer);
    });
  }

  it("issues one-use certificates", async function () {
    needProgram(this, "pdfsig");
    const publicKeyDer = token.makeKey("authority", "P-256");
    const name = { country: "FR", organization: "Test", commonName: "Issuing" };
    const certificateDer = issueCertificate(
      root,
      name,
      publicKeyDer,
      "issuing",
      validityOf("issuing", someDay),
    );
    const authority = { keyId: "a", pkcs11: token.spec("authority"), certificateDer, chainDer: [] };
    const subject = { givenName: "Zoé", surname: "Martin" };
    expect(await sign({ kind: "one-use", authority, rootDer, subject })).to.include({ ok: true });
    await validByBoth(rootDer);
  });

  it("is taken as a firm's seal once a signature showed that it works", () => {
    const publicKeyDer = token.makeKey("brought", "RSA-2048");
    const certificateDer = issueCertificate(root, firm, publicKeyDer, "seal", validityOf("seal", someDay));
    const clock = { now: () => someDay.getTime() };
    const { key } = sealFromToken(token.spec("brought"), [certificateDer, rootDer], clock);
    expect(Buffer.from(key.anchorDer ?? [])).to.deep.equal(Buffer.from(rootDer));
    const mistyped = { ...token.spec("brought"), keyLabel: "brougth" };
    expect(() => sealFromToken(mistyped, [certificateDer, rootDer], clock)).to.throw("token_key_missing");
  });

  it("takes the place of the issuing authority: certifies members, signs lists, has its responder", async () => {
    const { store, clock, close } = await openTemporaryStore();
    try {
      await ensureAuthority(store, clock, "test");
      const engineRoot = (await store.keyring.find(rootOwner)) ?? expect.fail("no root");
      const publicKeyDer = token.makeKey("engine's authority", "P-384");
      const validity = validityOf("issuing", new Date(clock.now()));
      const name = { commonName: "In a token", organization: "Test", country: "FR" };
      const certificateDer = certifyKey(engineRoot, name, publicKeyDer, "issuing", validity);
      await installAuthority(store, clock, [certificateDer], token.spec("engine's authority"));
      const cabinet = {
        id: "firm_1",
        name: "Cabinet",
        email: "c@cabinet.example",
        country: "FR",
        settings: {},
      };
      const zoe = { id: "mem_1", firstName: "Zoé", lastName: "Martin" };
      await enrolMember(store.keyring, clock, cabinet, zoe);
      const member = await store.keyring.ownedBy("mem_1");
      const chain = [member.certificateDer, ...member.chainDer].map((der) => readCertificate(der));
      const { problems } = findPath(
        chain[0] ?? expect.fail("no member"),
        chain.slice(1),
        [readCertificate(engineRoot.certificateDer)],
        new Date(clock.now()),
      );
      expect(problems).to.deep.equal([]);
      const list = await createPublication(store, clock).crl(authorityIdOf(certificateDer));
      const { publicKey } = readCertificate(certificateDer);
      expect(isSignedBy(readCrl(list?.der ?? new Uint8Array()), publicKey)).to.equal(true);
      const evidence = await createOwnEvidence(store, clock).evidenceFor(chain.map(({ der }) => der));
      // Its certificates name no responder: the authority's own list comes along with the root's.
      expect([evidence.ocsps.length, evidence.crls.length]).to.deep.equal([1, 2]);
    } finally {
      await close();
    }
  });

  it("seals in several threads at once", async () => {
    const key = sealed("shared", "P-256");
    const pool = createSigningPool({ threads: 2 });
    try {
      const signer: SignerSpec = { kind: "kept", key, rootDer };
      const tasks = [...Array(8).keys()].map((n) =>
        pool.sign({
          path: folder.path("0.pdf"),
          outPath: folder.path(`${n + 1}.pdf`),
          signer,
          signingTime: someDay.getTime(),
          name: "Cabinet",
        }),
      );
      for (const result of await Promise.all(tasks)) expect(result).to.include({ ok: true });
    } finally {
      await pool.close();
    }
    expect(await sign({ kind: "kept", key, rootDer })).to.include({ ok: true });
  });

  it("signs again after the module was taken from under it", async () => {
    const key = sealed("interrupted", "P-256");
    expect(await sign({ kind: "kept", key, rootDer })).to.include({ ok: true });
    const other = new PKCS11();
    other.load(token.modulePath);
    other.C_Finalize();
    expect(await sign({ kind: "kept", key, rootDer })).to.include({ ok: true });
    other.close();
  });

  const failures: [code: string, what: string, change: (spec: TokenKeySpec) => TokenKeySpec][] = [
    ["token_absent", "whose token is not there", (spec) => ({ ...spec, tokenLabel: "elsewhere" })],
    ["token_key_missing", "that is not in the token", (spec) => ({ ...spec, keyLabel: "no such key" })],
    ["pkcs11_unavailable", "whose module is not there", (spec) => ({ ...spec, modulePath: "/nowhere.so" })],
  ];
  for (const [code, what, change] of failures) {
    it(`says ${code} of a key ${what}`, async () => {
      const { certificateDer } = createTestPki().seal;
      const key = { keyId: code, pkcs11: change(token.spec("any")), certificateDer, chainDer: [] };
      expect(await sign({ kind: "kept", key, rootDer })).to.deep.equal({ ok: false, code });
    });
  }

  it("is refused with a certificate of another key", async () => {
    sealed("mismatched", "P-256");
    const { certificateDer } = createTestPki().member;
    const key = { keyId: "m", pkcs11: token.spec("mismatched"), certificateDer, chainDer: [] };
    expect(await sign({ kind: "kept", key, rootDer })).to.deep.equal({ ok: false, code: "key_mismatch" });
  });

  it("is not asked twice with a PIN that was refused, since tokens lock", () => {
    const key = sealed("guarded", "P-256");
    // Whoever is logged in already is not asked for a PIN.
    const module = new PKCS11();
    module.load(token.modulePath);
    module.C_Finalize();
    const wrong = { ...token.spec("guarded"), pin: "000000" };
    const load = () =>
      loadKey({ keyId: "w", pkcs11: wrong, certificateDer: key.certificateDer, chainDer: [] });
    const seen: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      try {
        load();
      } catch (error) {
        seen.push(error);
      }
    }
    expect(seen.map((error) => (error as { code: string }).code)).to.deep.equal([
      "token_pin_refused",
      "token_pin_refused",
    ]);
    expect(seen.map((error) => (error as Error).cause !== undefined)).to.deep.equal([true, false]);
    module.close();
  });
});
