import { rm } from "node:fs/promises";
import { expect } from "chai";
import { temporaryFolder } from "../support/folders.ts";
import { collecteHere } from "./in-process.ts";

describe("collecte firm sms", function () {
  this.timeout(20_000);
  let folder: string;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("chooses countries and a cap one without the other, shows them, and opens all again", async () => {
    const { stdout } = await collecteHere(folder, "firm", "create", "--name", "Cabinet", "--json");
    const { id } = JSON.parse(stdout);
    const sms = async (...options: string[]) => {
      const ran = await collecteHere(folder, "firm", "sms", id, ...options, "--json");
      expect([ran.status, ran.stderr]).to.deep.equal([0, ""]);
      return JSON.parse(ran.stdout);
    };
    expect(await sms()).to.deep.equal({ id, smsCountries: ["all"] });
    expect(await sms("--countries", "fr, BE")).to.deep.equal({ id, smsCountries: ["FR", "BE"] });
    expect(await sms("--per-day", "0")).to.deep.equal({ id, smsCountries: ["FR", "BE"], smsPerDay: 0 });
    expect(await sms("--countries", "all")).to.deep.equal({ id, smsCountries: ["all"], smsPerDay: 0 });
    for (const options of [
      ["--countries", "FRANCE"],
      ["--countries", ""],
      ["--per-day", "-1"],
    ])
      expect((await collecteHere(folder, "firm", "sms", id, ...options)).status, String(options)).to.equal(1);
    expect((await collecteHere(folder, "firm", "sms", "firm_never")).stderr).to.contain("firm_never");
  });
});
