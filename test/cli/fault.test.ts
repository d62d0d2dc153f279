import { expect } from "chai";
import { SettingsFault } from "../../config/settings.ts";
import { QueueRefused } from "../../src/actors/runtime/queues/errors.ts";
import { CliFault, saidOf } from "../../src/cli/fault.ts";

describe("what the command line says of a fault", () => {
  it("is the fault's own words when they are for the person at the keyboard", () => {
    expect(saidOf(new CliFault("--out: no"))).to.equal("--out: no");
    expect(saidOf(new SettingsFault(["A: odd"]))).to.contain("A: odd");
    expect(saidOf(new QueueRefused("it would evict jobs"))).to.equal("REDIS_URL: it would evict jobs");
  });

  it("is in words when the machine refuses, also inside what wraps it", () => {
    const full = Object.assign(new Error("x"), { code: "SQLITE_FULL" });
    expect(saidOf(full)).to.equal("the disk is full");
    expect(saidOf(Object.assign(new Error(""), { parent: full }))).to.equal("the disk is full");
    expect(saidOf(new Error("", { cause: full }))).to.equal("the disk is full");
    const missing = Object.assign(new Error("x"), { code: "ENOENT", path: "/nowhere/ca.pem" });
    expect(saidOf(missing)).to.equal("there is no such file or folder (/nowhere/ca.pem)");
  });

  it("names the secret when what it should open was sealed under another", () => {
    const fault = new Error("Unsupported state or unable to authenticate data");
    expect(saidOf(fault)).to.contain("COLLECTE_SECRET");
  });

  it("is the whole trace when it is ours to mend", () => {
    expect(saidOf(new TypeError("x is undefined"))).to.contain("fault.test");
    expect(saidOf("odd")).to.equal("odd");
  });
});
