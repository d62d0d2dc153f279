import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { ensureAuthority } from "../../src/identity/enrolment.ts";
import { onEachStore } from "../store/on-each-store.ts";
import { temporaryFolder } from "../support/folders.ts";
import { aPatch } from "../workers/pdf/pngs.ts";
import { collecteHere } from "./in-process.ts";
import { collecte, program, rowsOf, withDatabase } from "./programs.ts";

const owners = "SELECT owner_id FROM certificates WHERE revoked_at IS NULL ORDER BY owner_id";
const authorities = [{ owner_id: "issuing-authority" }, { owner_id: "root" }];

describe("a new data folder", function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("gets one root and one authority, though several first starts come at once", async () => {
    const roots = ["one", "two", "three"].map((name) => `${folder}/${name}.pem`);
    const results = await Promise.all(roots.map((out) => collecte(folder, "root", "--out", out)));
    expect(results.map(({ status, stderr }) => [status, stderr])).to.deep.equal(roots.map(() => [0, ""]));
    expect(await rowsOf(folder, owners)).to.deep.equal(authorities);
    // Whoever lost the race must be able to read what the winner encrypted.
    expect((await collecte(folder, "firm", "create", "--name", "Cabinet")).status).to.equal(0);
  });

  it("starts again after a kill -9 between root and authority", async () => {
    // The second insertion takes for ever, so that the process dies in it.
    const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    await withDatabase(folder, (writer) =>
      writer.exec(`CREATE TRIGGER endless BEFORE INSERT ON certificates
        WHEN NEW.owner_id = 'issuing-authority' BEGIN SELECT (${endless}); END`),
    );
    const child = spawn(process.execPath, [program, "root", "--out", `${folder}/ca.pem`], {
      env: { ...process.env, COLLECTE_DATA: folder },
      stdio: "ignore",
    });
    await pause(2_500);
    expect(child.exitCode).to.equal(null);
    child.kill("SIGKILL");
    await once(child, "exit");
    await withDatabase(folder, (writer) => writer.exec("DROP TRIGGER endless"));
    expect(await rowsOf(folder, owners)).to.deep.equal([]);
    const { status, stderr } = await collecte(folder, "root", "--out", `${folder}/ca.pem`);
    expect([status, stderr]).to.deep.equal([0, ""]);
    expect(await rowsOf(folder, owners)).to.deep.equal(authorities);
  });
});

describe("a firm's logo", function () {
  this.timeout(60_000);

  it("is kept when it can be shown, and refused with the reason", async () => {
    const folder = await temporaryFolder();
    try {
      const made = await collecte(folder, "firm", "create", "--name", "Cabinet", "--json");
      const { id } = JSON.parse(made.stdout);
      const logo = aPatch(8, 8, [0, 0, 200]);
      await writeFile(`${folder}/logo.png`, logo);
      await writeFile(`${folder}/logo.gif`, "GIF89a");
      const set = (firm: string, file: string) =>
        collecte(folder, "firm", "logo", "--firm", firm, `${folder}/${file}`);
      expect((await set(id, "logo.gif")).stderr).to.contain("neither a PNG nor a JPEG");
      expect((await set("firm_x", "logo.png")).stderr).to.contain("there is no firm firm_x");
      expect(await set(id, "logo.png")).to.include({ status: 0, stderr: "" });
      const kept = await rowsOf(folder, "SELECT firm_id, image FROM firm_logos");
      expect(kept).to.deep.equal([{ firm_id: id, image: logo.toString("base64") }]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("a member whose address changes", function () {
  this.timeout(60_000);

  it("has no certificate until they make one with a code, whoever changed it", async () => {
    const folder = await temporaryFolder();
    try {
      const run = async (...args: string[]) => {
        const { stdout, stderr } = await collecteHere(folder, ...args, "--json");
        return stderr === "" || stdout !== "" ? JSON.parse(stdout) : stderr;
      };
      const firm = await run("firm", "create", "--name", "Cabinet", "--email", "a@elan.example");
      const person = ["--first-name", "Zoé", "--last-name", "Müller", "--phone", "+33612345678"];
      const add = (email: string) => run("member", "create", "--firm", firm.id, ...person, "--email", email);
      const { id } = await add("zoe@elan.example");
      await add("eva@elan.example");
      const change = (email: string) => run("member", "change-email", "--id", id, "--email", email);
      expect(await change("eva@elan.example")).to.contain("one certificate a person");
      expect(await change("zoe.muller@elan.example")).to.include({ id, isRevoked: true });
      const living = await rowsOf(folder, owners);
      expect(living.map((row) => row["owner_id"])).not.to.include(id);
      const [row] = await rowsOf(folder, `SELECT email, version FROM members WHERE id = '${id}'`);
      expect(row).to.deep.equal({ email: "zoe.muller@elan.example", version: 2 });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

onEachStore("a store whose root stands alone", (open) => {
  it("gets an authority under it", async () => {
    const opened = await open();
    const { store, clock } = opened;
    try {
      await ensureAuthority(store, clock, "test");
      const root = await store.keyring.rootDer();
      await opened.beside((database) =>
        database.transaction((writer) =>
          writer.run("DELETE FROM certificates WHERE owner_id = 'issuing-authority'"),
        ),
      );
      clock.advance(5_000);
      await ensureAuthority(store, clock, "test");
      expect(await store.keyring.issuingAuthority()).to.be.an("object");
      expect(await store.keyring.rootDer()).to.deep.equal(root);
    } finally {
      await opened.close();
    }
  });
});

describe("a firm or member that can't be made whole", function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const forbid = (table: string) =>
    withDatabase(folder, (writer) =>
      writer.exec(
        `CREATE TRIGGER forbidden BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'forbidden'); END`,
      ),
    );

  it("leaves no firm and no seal without a key", async () => {
    await collecte(folder, "root", "--out", `${folder}/ca.pem`);
    await forbid("api_keys");
    const { status } = await collecte(folder, "firm", "create", "--name", "Cabinet");
    expect(status).to.equal(1);
    expect(await rowsOf(folder, "SELECT id FROM firms")).to.deep.equal([]);
    expect(await rowsOf(folder, owners)).to.deep.equal(authorities);
  });

  it("leaves no member without a certificate", async () => {
    const { stdout } = await collecte(folder, "firm", "create", "--name", "Cabinet", "--json");
    const { id } = JSON.parse(stdout) as { id: string };
    const member = ["--firm", id, "--first-name", "Zoé", "--last-name", "Müller"];
    const reach = ["--email", "zoe@elan.example", "--phone", "+33612345678"];
    await forbid("certificates");
    const refused = await collecte(folder, "member", "create", ...member, ...reach);
    expect(refused.status).to.equal(1);
    expect(await rowsOf(folder, "SELECT id FROM members")).to.deep.equal([]);
    await withDatabase(folder, (writer) => writer.exec("DROP TRIGGER forbidden"));
    const made = await collecte(folder, "member", "create", ...member, ...reach, "--json");
    expect(made.status).to.equal(0);
    expect(await rowsOf(folder, "SELECT id FROM members")).to.have.length(1);
  });
});
