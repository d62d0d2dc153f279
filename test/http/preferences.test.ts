import { expect } from "chai";
import type { Request } from "express";
import { preferencesOf } from "../../src/http/preferences.ts";

const read = (header: string | undefined) =>
  preferencesOf({ get: (name: string) => (name === "Prefer" ? header : undefined) } as Request);

describe("a Prefer header", () => {
  for (const [header, expected] of [
    [undefined, { isMinimal: false }],
    ["", { isMinimal: false }],
    ["wait=10", { waitSeconds: 10, isMinimal: false }],
    ["wait=0", { waitSeconds: 0, isMinimal: false }],
    ["wait=31", { waitSeconds: 30, isMinimal: false }],
    ["wait=999999999", { waitSeconds: 30, isMinimal: false }],
    ["WAIT = 5 , Return=minimal", { waitSeconds: 5, isMinimal: true }],
    ['wait="7"; strictly; why="a, b"', { waitSeconds: 7, isMinimal: false }],
    ["respond-async, wait=3;x=y, handling=lenient", { waitSeconds: 3, isMinimal: false }],
    ['foo="bar, wait=9", return=minimal', { isMinimal: true }],
    ["wait=1, wait=2", { waitSeconds: 1, isMinimal: false }],
    [",, wait=4,", { waitSeconds: 4, isMinimal: false }],
    ["return=representation", { isMinimal: false }],
    ["return", { isMinimal: false }],
    ["wait", { isMinimal: false }],
    ["wait=-1", { isMinimal: false }],
    ["wait=1.5", { isMinimal: false }],
    ["wait=soon", { isMinimal: false }],
    ["wait=9999999999", { isMinimal: false }],
    ["wait 5", { isMinimal: false }],
    ['wait="5', { isMinimal: false }],
    ['"wait"=5', { isMinimal: false }],
    ["wait=5=6", { isMinimal: false }],
    ["__proto__=1, return=minimal", { isMinimal: true }],
  ] as const) {
    it(`says ${JSON.stringify(expected)} as ${JSON.stringify(header)}`, () => {
      expect(read(header)).to.deep.equal(expected);
    });
  }

  it("is read in no time, whatever stands in it", () => {
    const start = performance.now();
    for (const hostile of [";", " ", '"', "\\", 'a="', "wait=5; ", ",", "=\t"]) read(hostile.repeat(8_000));
    expect(performance.now() - start).to.be.below(2_000);
  });
});
