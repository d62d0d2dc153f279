import { createPrivateKey } from "node:crypto";
import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { expect } from "chai";
import type { FileKeyMaterial } from "../../src/actors/runtime/ports.ts";
import { sealFromPkcs12 } from "../../src/identity/import-seal.ts";
import { pemOf } from "../../src/identity/pem.ts";
import { signDocument } from "../../src/workers/sign-document.ts";
import { verifyDocument } from "../../src/workers/verify-document.ts";
import { needProgram, ran } from "../support/programs.ts";
import { type Folder, temporaryFolder, writeLetter } from "../workers/letters.ts";
import { createTestPki, someDay } from "../workers/pki.ts";

const pki = createTestPki(someDay, "Autorité Étrangère");
const clock = { now: () => someDay.getTime() };
const rc2 = ["-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1"];
const aes = ["-certpbe", "AES-256-CBC", "-keypbe", "AES-256-CBC", "-macalg", "sha256"];

const keys: [string, FileKeyMaterial][] = [
  ["RSA", pki.seal],
  ["EC", pki.member],
];

describe("a seal brought as PKCS#12", function () {
  this.timeout(30_000);
  let folder: Folder;
  before(function () {
    needProgram(this, "openssl");
  });
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  /** A container that openssl made. */
  async function container(
    key: FileKeyMaterial,
    { options = aes, chain = [pki.authority.certificateDer, pki.rootDer], password = "mot de passe" } = {},
  ): Promise<Uint8Array> {
    const [own, others, out] = [folder.path("own.pem"), folder.path("others.pem"), folder.path("seal.p12")];
    const pem = createPrivateKey({ key: Buffer.from(key.pkcs8), format: "der", type: "pkcs8" });
    writeFileSync(own, `${pem.export({ type: "pkcs8", format: "pem" })}${pemOf(key.certificateDer)}`);
    writeFileSync(others, chain.map(pemOf).join(""));
    const chainArgs = chain.length > 0 ? ["-certfile", others] : [];
    const args = ["pkcs12", "-export", "-in", own, ...chainArgs, ...options, "-out", out];
    const made = await ran("openssl", [...args, "-passout", `pass:${password}`]);
    expect(made.status, made.stderr).to.equal(0);
    return readFile(out);
  }

  const codeOf = async (work: () => unknown): Promise<unknown> => {
    try {
      await work();
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
    return "accepted";
  };

  for (const [kind, key] of keys) {
    for (const [encryption, options] of [
      ["RC2 and 3DES", rc2],
      ["AES with a SHA-256 MAC", aes],
    ] as const) {
      it(`seals with an ${kind} key under ${encryption}, valid to its own root`, async () => {
        const bytes = await container(key, { options: [...options] });
        const { key: imported } = sealFromPkcs12(bytes, "mot de passe", [], clock);
        expect(Buffer.from(imported.certificateDer)).to.deep.equal(Buffer.from(key.certificateDer));
        expect(imported.chainDer.map(Buffer.from)).to.deep.equal([Buffer.from(pki.authority.certificateDer)]);
        const rootDer = imported.anchorDer ?? new Uint8Array();
        expect(Buffer.from(rootDer)).to.deep.equal(Buffer.from(pki.rootDer));
        await writeLetter(folder.path("0.pdf"), true);
        const result = await signDocument({
          path: folder.path("0.pdf"),
          outPath: folder.path("1.pdf"),
          signer: { kind: "kept", key: { keyId: "brought", ...imported }, rootDer },
          signingTime: someDay.getTime(),
          name: "Cabinet",
        });
        expect(result).to.include({ ok: true });
        const { verdict } = verifyDocument(folder.path("1.pdf"), { trustDer: [pki.rootDer] });
        expect(verdict).to.equal("TOTAL-PASSED");
      });
    }
  }

  it("takes the topmost certificate as its anchor when the root was left out", async () => {
    const bytes = await container(pki.seal, { chain: [pki.authority.certificateDer] });
    const { key } = sealFromPkcs12(bytes, "mot de passe", [], clock);
    expect(key.chainDer).to.deep.equal([]);
    expect(Buffer.from(key.anchorDer ?? [])).to.deep.equal(Buffer.from(pki.authority.certificateDer));
  });

  it("takes the issuers' certificates from beside the container", async () => {
    const bytes = await container(pki.seal, { chain: [] });
    const refused = await codeOf(() => sealFromPkcs12(bytes, "mot de passe", [], clock));
    expect(refused).to.equal("no_certificate_chain_found");
    const more = [pki.rootDer, pki.authority.certificateDer];
    expect(sealFromPkcs12(bytes, "mot de passe", more, clock).key.chainDer).to.have.length(1);
  });

  it("is opened by a password with accents, old and new", async () => {
    for (const options of [rc2, aes]) {
      const bytes = await container(pki.member, { options, password: "été" });
      expect(await codeOf(() => sealFromPkcs12(bytes, "été", [], clock))).to.equal("accepted");
    }
  });

  it("is refused with the reason", async () => {
    const bytes = await container(pki.seal);
    expect(await codeOf(() => sealFromPkcs12(bytes, "another", [], clock))).to.equal("p12_password");
    expect(await codeOf(() => sealFromPkcs12(bytes.subarray(0, 500), "", [], clock))).to.equal(
      "p12_unreadable",
    );
    const late = { now: () => someDay.getTime() + 4 * 365 * 86_400_000 };
    expect(await codeOf(() => sealFromPkcs12(bytes, "mot de passe", [], late))).to.equal(
      "certificate_expired",
    );
    const keyless = await container(pki.seal, { options: [...aes, "-nokeys"] });
    expect(await codeOf(() => sealFromPkcs12(keyless, "mot de passe", [], clock))).to.equal("p12_no_key");
    const strangers = createTestPki().authority.certificateDer;
    const broken = await container(pki.seal, { chain: [strangers] });
    expect(await codeOf(() => sealFromPkcs12(broken, "mot de passe", [], clock))).to.equal("chain_untrusted");
  });

  it("is refused when its key is an authority's, which may not sign documents", async () => {
    const bytes = await container(pki.authority, { chain: [pki.rootDer] });
    expect(await codeOf(() => sealFromPkcs12(bytes, "mot de passe", [], clock))).to.equal("key_usage");
  });
});
