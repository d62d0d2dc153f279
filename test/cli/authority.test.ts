import { createPrivateKey } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { expect } from "chai";
import { certificatesIn, pemOf } from "../../src/identity/pem.ts";
import { temporaryFolder } from "../support/folders.ts";
import { needProgram, ran } from "../support/programs.ts";
import { createTestPki } from "../workers/pki.ts";
import { collecteHere } from "./in-process.ts";
import { rowsOf } from "./programs.ts";

interface Listed {
  id: string;
  kind: string;
  state: string;
  keyIn: string;
}

describe("authorities on the command line", function () {
  this.timeout(60_000);
  let folder: string;
  const file = (name: string) => `${folder}/${name}`;
  beforeEach(async () => {
    folder = await temporaryFolder();
    await writeFile(file("phrase"), "correct horse battery staple\n");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const done = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await collecteHere(folder, ...args);
    expect([status, stderr], args.join(" ")).to.deep.equal([0, ""]);
    return stdout;
  };
  const refused = async (...args: string[]): Promise<string> => {
    const { status, stderr } = await collecteHere(folder, ...args);
    expect(status, args.join(" ")).to.equal(1);
    return stderr;
  };
  const rootFile = () => ["--root-key", file("root.json"), "--passphrase-file", file("phrase")];
  const listed = async () =>
    (JSON.parse(await done("authority", "list", "--json")) as { authorities: Listed[] }).authorities.map(
      ({ kind, state, keyIn }) => `${kind} ${state} ${keyIn}`,
    );

  it("let the root's key be taken away, used from its file, and brought back", async () => {
    await done(
      "authority",
      "root",
      "export",
      "--out",
      file("root.json"),
      "--passphrase-file",
      file("phrase"),
    );
    const rows = await rowsOf(
      folder,
      "SELECT key_kind, wrapped_key FROM certificates WHERE owner_id = 'root'",
    );
    expect(rows).to.deep.equal([{ key_kind: "none", wrapped_key: "" }]);
    expect(await refused("authority", "rotate")).to.contain("key_offline");
    await done("authority", "rotate", ...rootFile());
    expect(await listed()).to.deep.equal([
      "root present none",
      "issuing replaced file",
      "issuing present file",
    ]);
    await writeFile(file("wrong"), "incorrect horse battery staple\n");
    const wrong = [
      "authority",
      "root",
      "import",
      "--in",
      file("root.json"),
      "--passphrase-file",
      file("wrong"),
    ];
    expect(await refused(...wrong)).to.contain("root_key_passphrase");
    await done("authority", "root", "import", "--in", file("root.json"), "--passphrase-file", file("phrase"));
    expect((await listed())[0]).to.equal("root present file");
  });

  it("take a certificate that was signed elsewhere, and the root's list too", async function () {
    needProgram(this, "openssl");
    await done(
      "authority",
      "root",
      "export",
      "--out",
      file("root.json"),
      "--passphrase-file",
      file("phrase"),
    );
    await done("authority", "csr", "--out", file("a.csr"));
    expect((await ran("openssl", ["req", "-verify", "-noout", "-in", file("a.csr")])).stderr).to.contain(
      "OK",
    );
    // These two know no data folder.
    const elsewhere = async (...args: string[]) => {
      const { status, stderr } = await collecteHere(file("nothing-here"), ...args);
      expect([status, stderr]).to.deep.equal([0, ""]);
    };
    await elsewhere("authority", "sign", "--csr", file("a.csr"), ...rootFile(), "--out", file("a.pem"));
    await done("authority", "import", "--certificate", file("a.pem"));
    expect(await listed()).to.deep.equal([
      "root present none",
      "issuing replaced file",
      "issuing present file",
    ]);
    await done("root", "--out", file("ca.pem"));
    const checked = await ran("openssl", ["verify", "-CAfile", file("ca.pem"), file("a.pem")]);
    expect(checked.stdout).to.contain("OK");

    const [own] = certificatesIn(await readFile(file("a.pem"), "utf8"));
    expect(own).to.be.instanceOf(Uint8Array);
    await done("authority", "crl", "order", "--out", file("order.json"));
    await elsewhere(
      "authority",
      "crl",
      "sign",
      "--order",
      file("order.json"),
      ...rootFile(),
      "--out",
      file("r.crl"),
    );
    await done("authority", "crl", "import", "--in", file("r.crl"));
    expect(await refused("authority", "crl", "import", "--in", file("r.crl"))).to.contain("crl_outdated");
    const list = await ran("openssl", ["crl", "-in", file("r.crl"), "-CAfile", file("ca.pem"), "-noout"]);
    expect(list.stderr).to.contain("verify OK");
  });

  async function createdFirm(): Promise<string> {
    const about = ["--name", "Cabinet", "--email", "c@cabinet.example"];
    return (JSON.parse(await done("firm", "create", ...about, "--json")) as { id: string }).id;
  }

  it("let a firm bring its seal, which then leads to its own root", async function () {
    needProgram(this, "openssl");
    const firm = await createdFirm();
    const { seal, authority, rootDer } = createTestPki(new Date());
    const key = createPrivateKey({ key: Buffer.from(seal.pkcs8), format: "der", type: "pkcs8" });
    await writeFile(
      file("own.pem"),
      key.export({ type: "pkcs8", format: "pem" }) + pemOf(seal.certificateDer),
    );
    await writeFile(file("chain.pem"), pemOf(authority.certificateDer) + pemOf(rootDer));
    const args = [
      "-export",
      "-in",
      file("own.pem"),
      "-certfile",
      file("chain.pem"),
      "-out",
      file("seal.p12"),
    ];
    await ran("openssl", ["pkcs12", ...args, "-passout", "pass:correct horse battery staple"]);
    const bring = ["firm", "seal", "import", "--firm", firm, "--p12", file("seal.p12"), "--password-file"];
    expect(await refused(...bring, file("phrase"))).to.contain("revoke it first");
    await done("firm", "seal", "revoke", "--firm", firm);
    await writeFile(file("wrong"), "horse\n");
    expect(await refused(...bring, file("wrong"))).to.contain("p12_password: the password is wrong");
    await done(...bring, file("phrase"), "--json");
    const anchors = await rowsOf(
      folder,
      "SELECT anchor FROM certificates WHERE anchor IS NOT NULL AND revoked_at IS NULL",
    );
    expect(anchors).to.deep.equal([{ anchor: Buffer.from(rootDer).toString("base64") }]);
    const revoked = JSON.parse(await done("firm", "seal", "revoke", "--firm", firm, "--json")) as object;
    expect(revoked).to.include({ isPublished: false });
  });

  it("let members and seals be revoked and renewed, never two at once", async () => {
    const firm = await createdFirm();
    const names = ["--first-name", "Zoé", "--last-name", "Müller", "--phone", "+33612345678"];
    const made = await done(
      "member",
      "create",
      "--firm",
      firm,
      ...names,
      "--email",
      "z@elan.example",
      "--json",
    );
    const { id } = JSON.parse(made) as { id: string };
    expect(await refused("member", "renew", "--id", id)).to.contain("revoke it first");
    await done("member", "revoke", "--id", id, "--reason", "keyCompromise");
    expect(await refused("member", "revoke", "--id", id)).to.contain("no certificate");
    await done("member", "renew", "--id", id);
    await done("member", "change-email", "--id", id, "--email", "zoe@elan.example");
    expect(await refused("firm", "seal", "renew", "--firm", firm)).to.contain("revoke it first");
    await done("firm", "seal", "revoke", "--firm", firm);
    await done("firm", "seal", "renew", "--firm", firm, "--siren", "732829320");
    const living = "SELECT count(*) AS n FROM certificates WHERE revoked_at IS NULL AND retired_at IS NULL";
    // The root, the authority and the seal: the member makes theirs with a code.
    expect(await rowsOf(folder, living)).to.deep.equal([{ n: 3 }]);
    const revoked = "SELECT reason FROM revocations ORDER BY reason";
    expect(await rowsOf(folder, revoked)).to.deep.equal(
      ["affiliationChanged", "keyCompromise", "unspecified"].map((reason) => ({ reason })),
    );
    const members = await rowsOf(folder, "SELECT email FROM members");
    expect(members).to.deep.equal([{ email: "zoe@elan.example" }]);
  });
});
