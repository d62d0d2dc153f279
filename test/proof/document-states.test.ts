import { expect } from "chai";
import type { StoredEvent } from "../../src/actors/runtime/ports.ts";
import { documentStates } from "../../src/proof/document-states.ts";

const recorded = (...told: [type: string, documents?: object[]][]) =>
  documentStates(
    told.map(([type, documents]) => ({ type, data: JSON.stringify({ documents }) }) as StoredEvent),
  );
const created: [string, object[]] = ["CollecteCreated", [{ id: "d1", sha256: "aa" }]];
const revised: [string, object[]] = ["DraftRevised", [{ id: "d2", sha256: "bb" }]];
const signed: [string, object[]] = ["SignatureApplied", [{ id: "d2", before: "bb", after: "cc" }]];

describe("the documents of a record", () => {
  it("are those of the draft as it was put last, and what was signed of them", () => {
    expect(recorded(created, revised, ["CollecteLaunched"], signed)).to.deep.equal({ d2: ["bb", "cc"] });
    expect(recorded(created, ["CollecteLaunched"], signed)).to.equal(undefined);
  });

  it("are frozen by the launch: nothing puts others in their place", () => {
    expect(recorded(created, ["CollecteLaunched"], revised, signed)).to.equal(undefined);
  });
});
