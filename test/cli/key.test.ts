import { rm } from "node:fs/promises";
import { expect } from "chai";
import { scopeNames } from "../../src/actors/runtime/scopes.ts";
import { temporaryFolder } from "../support/folders.ts";
import { collecteHere } from "./in-process.ts";

describe("the commands of a firm's keys and members", function () {
  this.timeout(60_000);
  let folder: string;
  let firm: string;
  before(async () => {
    folder = await temporaryFolder();
    firm = (await said("firm", "create", "--name", "Cabinet", "--email", "c@cabinet.example")).id;
  });
  after(() => rm(folder, { recursive: true, force: true }));

  // biome-ignore lint/suspicious/noExplicitAny: what commands print is read as a program would
  async function said(...args: string[]): Promise<any> {
    const { status, stdout, stderr } = await collecteHere(folder, ...args, "--json");
    expect([status, stderr]).to.deep.equal([0, ""]);
    return JSON.parse(stdout);
  }

  it("make a key with scopes, list it without itself, and revoke it", async () => {
    const of = ["--firm", firm];
    const made = await said("key", "create", ...of, "--name", "ERP", "--scope", "read", "collectes");
    expect(made.apiKey).to.match(/^ck_[\w-]{43}$/);
    const { items } = await said("key", "list", ...of);
    expect(items).to.have.length(2);
    // Made with the firm: it may do everything.
    expect(items[0].scopes).to.deep.equal(scopeNames);
    expect(items[1]).to.include({ id: made.id, name: "ERP" });
    expect(items[1].scopes).to.deep.equal(["read", "collectes"]);
    expect(JSON.stringify(items)).not.to.include(made.apiKey);
    expect((await said("key", "revoke", ...of, "--id", made.id)).revokedAt).to.be.a("string");
  });

  it("refuse a scope, a firm or a key that there is not", async () => {
    for (const args of [
      ["create", "--firm", "firm_x", "--name", "x"],
      ["create", "--firm", firm, "--name", "x", "--scope", "everything"],
      ["revoke", "--firm", firm, "--id", "key_x"],
    ]) {
      expect((await collecteHere(folder, "key", ...args)).status).to.equal(1);
    }
  });

  it("add an expert, or a collaborator, with a certificate", async () => {
    const of = ["--firm", firm, "--first-name", "Anne", "--last-name", "Durand", "--phone", "+33639980001"];
    const expert = ["--email", "a@cabinet.example", "--roll-number", "140012345"];
    expect((await said("member", "create", ...of, ...expert)).id).to.match(/^mem_/);
    const helper = ["--email", "b@cabinet.example", "--role", "collaborator"];
    expect((await said("member", "create", ...of, ...helper)).id).to.match(/^mem_/);
  });
});
