import { X509Certificate } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { expect } from "chai";
import { readSettings } from "../../config/settings.ts";
import type { Firm, Member } from "../../src/actors/runtime/ports.ts";
import { createSecrets } from "../../src/actors/runtime/secrets.ts";
import { systemClock } from "../../src/clock.ts";
import { urlsOf } from "../../src/identity/authority-urls.ts";
import { enrolMember } from "../../src/identity/enrolment.ts";
import { pemOf } from "../../src/identity/pem.ts";
import { livingEntry, revokeEntry, revokeSerial } from "../../src/identity/revoke.ts";
import { type Engine, startEngine } from "../../src/main.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { readCertificate } from "../../src/workers/x509/certificate.ts";
import { readCrl } from "../../src/workers/x509/crl.ts";
import { buildOcspRequest } from "../../src/workers/x509/ocsp.ts";
import { readOcspResponse, readOcspStatus } from "../../src/workers/x509/ocsp-response.ts";
import { temporaryFolder } from "../support/folders.ts";
import { freePort } from "../support/ports.ts";
import { needProgram, ran } from "../support/programs.ts";

describe("what an engine publishes of its authorities", function () {
  this.timeout(60_000);
  let folder: string;
  let engine: Engine;
  let store: Store;
  let base: string;
  let firm: Firm;
  let member: Member;

  before(async function () {
    needProgram(this, "openssl");
    folder = await temporaryFolder();
    const port = await freePort();
    base = `http://127.0.0.1:${port}`;
    const settings = readSettings({
      COLLECTE_DATA: folder,
      COLLECTE_PORT: String(port),
      COLLECTE_BASE_URL: base,
      COLLECTE_LOG_LEVEL: "silent",
    });
    engine = await startEngine(settings, { smtpUrl: "smtp://127.0.0.1:9", smsUrl: "http://127.0.0.1:9" });
    // Beside the engine, as the commands work.
    store = await openStore(folder, createSecrets(settings.secret), systemClock);
    const cabinet = { name: "Cabinet Durand", email: "contact@durand.example", country: "FR" };
    firm = await store.directory.addFirm(cabinet);
  });
  after(async () => {
    await store?.close();
    await engine?.stop();
    await rm(folder, { recursive: true });
  });

  beforeEach(async () => {
    const person = {
      firstName: "Anne",
      lastName: "Durand",
      email: "a@durand.example",
      phone: "+33612345678",
    };
    member = await store.directory.addMember({ firmId: firm.id, ...person });
    await enrolMember(store.keyring, systemClock, firm, member, base);
    const { certificateDer, chainDer } = await store.keyring.ownedBy(member.id);
    await writeFile(`${folder}/member.pem`, pemOf(certificateDer));
    await writeFile(`${folder}/issuing.pem`, chainDer.map(pemOf).join(""));
    await writeFile(`${folder}/root.pem`, pemOf(await store.keyring.rootDer()));
  });

  const fetched = async (url: string): Promise<Uint8Array> => {
    const response = await fetch(url);
    expect(response.status, url).to.equal(200);
    return new Uint8Array(await response.arrayBuffer());
  };
  const authorityDer = async () => (await store.keyring.issuingAuthority()).certificateDer;
  const revoked = async (): Promise<void> => {
    const entry = await livingEntry(store, systemClock, member.id);
    if (entry) await store.together((added) => revokeEntry(added, systemClock, entry, "keyCompromise"));
  };

  async function verified(): Promise<string> {
    const urls = [await authorityDer(), await store.keyring.rootDer()].map(
      (der) => urlsOf(der, base).crl ?? "",
    );
    const crls = await Promise.all(urls.map(fetched));
    const pems = crls.map(
      (der) => `-----BEGIN X509 CRL-----\n${Buffer.from(der).toString("base64")}\n-----END X509 CRL-----\n`,
    );
    await writeFile(`${folder}/crls.pem`, pems.join(""));
    const files = ["-CAfile", "root.pem", "-untrusted", "issuing.pem", "-CRLfile", "crls.pem"];
    const { stdout, stderr } = await ran("openssl", ["verify", "-crl_check_all", ...files, "member.pem"], {
      cwd: folder,
    });
    return stdout + stderr;
  }

  async function asked(): Promise<string> {
    const files = [
      "-issuer",
      "issuing.pem",
      "-cert",
      "member.pem",
      "-CAfile",
      "root.pem",
      "-verify_other",
      "issuing.pem",
    ];
    const { stdout, stderr } = await ran("openssl", ["ocsp", ...files, "-url", `${base}/pki/ocsp`], {
      cwd: folder,
    });
    return stdout + stderr;
  }

  it("is found from the certificates, and is what openssl expects", async () => {
    const { infoAccess } = new X509Certificate((await store.keyring.ownedBy(member.id)).certificateDer);
    const { ocsp, caIssuers, crl } = urlsOf(await authorityDer(), base);
    expect(infoAccess).to.equal(`OCSP - URI:${ocsp}\nCA Issuers - URI:${caIssuers}`);
    expect(readCertificate((await store.keyring.ownedBy(member.id)).certificateDer).crlUrls).to.deep.equal([
      crl,
    ]);
    expect(Buffer.from(await fetched(caIssuers ?? ""))).to.deep.equal(Buffer.from(await authorityDer()));
    expect(readCertificate(await authorityDer()).crlUrls).to.deep.equal([
      urlsOf(await store.keyring.rootDer(), base).crl,
    ]);
    expect(await verified()).to.contain("member.pem: OK");
    expect(await asked())
      .to.contain("member.pem: good")
      .and.to.contain("Response verify OK");
  });

  it("says at once that a member's certificate was revoked by another process", async () => {
    const before = readCrl(await fetched(urlsOf(await authorityDer(), base).crl ?? ""));
    await revoked();
    expect(await verified()).to.contain("certificate revoked");
    expect(await asked()).to.match(/member\.pem: revoked[\s\S]*keyCompromise/);
    const after = readCrl(await fetched(urlsOf(await authorityDer(), base).crl ?? ""));
    expect(after.number).to.equal((before.number ?? 0n) + 1n);
    expect(after.revoked.size).to.equal(before.revoked.size + 1);
  });

  it("tells of a one-use certificate that is in no table", async () => {
    await revokeSerial(store, systemClock, "0badc0de", "unspecified");
    const { revoked: entries } = readCrl(await fetched(urlsOf(await authorityDer(), base).crl ?? ""));
    expect(entries.has("0badc0de")).to.equal(true);
  });

  it("gives the same list until something is revoked, and lets caches keep it", async () => {
    const url = urlsOf(await authorityDer(), base).crl ?? "";
    const [one, two] = [await fetched(url), await fetched(url)];
    expect(Buffer.compare(one, two)).to.equal(0);
    const response = await fetch(url);
    expect(response.headers.get("content-type")).to.equal("application/pkix-crl");
    expect(response.headers.get("cache-control")).to.match(/^public, max-age=\d+/);
    const known = { headers: { "If-None-Match": response.headers.get("etag") ?? "" } };
    expect((await fetch(url, known)).status).to.equal(304);
  });

  it("answers OCSP by GET, and lets caches keep that", async () => {
    const issuer = readCertificate(await authorityDer());
    const request = buildOcspRequest({ serialHex: "42" }, issuer);
    for (const spelled of [encodeURIComponent, (text: string) => text]) {
      const base64 = spelled(Buffer.from(request).toString("base64"));
      const response = await fetch(`${base}/pki/ocsp/${base64}`);
      expect(response.headers.get("cache-control")).to.match(/^public, max-age=\d+/);
      const { statements } = readOcspResponse(new Uint8Array(await response.arrayBuffer()));
      expect(statements.map(({ status }) => status)).to.deep.equal(["good"]);
    }
  });

  it("refuses OCSP requests that it can't read, and those about others' certificates", async () => {
    const post = async (body: Uint8Array) => {
      const headers = { "Content-Type": "application/ocsp-request" };
      const response = await fetch(`${base}/pki/ocsp`, { method: "POST", headers, body: Buffer.from(body) });
      expect(response.headers.get("cache-control")).to.equal("no-store");
      return readOcspStatus(new Uint8Array(await response.arrayBuffer()));
    };
    expect(await post(Uint8Array.of(1, 2, 3))).to.equal("malformedRequest");
    const root = readCertificate(await store.keyring.rootDer());
    expect(await post(buildOcspRequest({ serialHex: "01" }, root))).to.equal("unauthorized");
  });

  it("has nothing of an authority that is not there", async () => {
    for (const path of ["/pki/00ff.crl", "/pki/00ff.cer"])
      expect((await fetch(base + path)).status).to.equal(404);
  });
});
