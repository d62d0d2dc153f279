import { expect } from "chai";
import { createStopping } from "../src/stopping.ts";
import { aLog } from "./actors/runtime/ledger.ts";

const never = () => new Promise<void>(() => undefined);

describe("a stop", () => {
  it("takes its steps in reverse, one after the other, once", async () => {
    const steps: string[] = [];
    const undo = createStopping(aLog(), 10_000);
    for (const name of ["first", "second"])
      undo.push(name, async () => {
        steps.push(`${name} begins`);
        await new Promise(setImmediate);
        steps.push(`${name} ends`);
      });
    await Promise.all([undo.stop(), undo.stop()]);
    expect(steps).to.deep.equal(["second begins", "second ends", "first begins", "first ends"]);
  });

  it("leaves behind what is late, says so, and still takes the other steps", async () => {
    const log = aLog();
    const steps: string[] = [];
    const undo = createStopping(log, 60);
    undo.push("store", () => void steps.push("store"));
    undo.push("runtime", never);
    undo.push("http", never, 20);
    undo.push("broken", () => {
      throw new Error("no");
    });
    await undo.stop();
    expect(steps).to.deep.equal(["store"]);
    expect(log.lines).to.deep.equal([
      'error a part of the engine did not stop well {"kind":"broken","code":"unexpected"}',
      'warn a part of the engine was left behind {"kind":"http"}',
      'warn a part of the engine was left behind {"kind":"runtime"}',
    ]);
  });
});
