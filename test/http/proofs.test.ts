import { expect } from "chai";
import type { InclusionProof } from "../../src/proof/inclusion.ts";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { call, launched } from "./support/caller.ts";

describe("what is proven of a firm's collecte", () => {
  let door: OpenDoor;
  let id: string;
  const get = (path: string, headers: Record<string, string> = {}, bearer: string = keys.cabinet) =>
    call(`${door.url}/v1/collectes/${id}/${path}`, { bearer, headers });

  beforeEach(async () => {
    door = await openDoor();
    ({ id } = await launched(door));
  });
  afterEach(() => door.close());

  it("is summed up in French, or in English for who reads that, at any time", async () => {
    const french = await get("summary");
    expect(french.headers.get("Content-Language")).to.equal("fr");
    expect(french.json.lines.map(({ text }: { text: string }) => text)).to.include.members([
      "Invitation à signer : Claire Dubœuf (lien personnel n° 1 ; les précédents sont annulés)",
    ]);
    const english = await get("summary", { "Accept-Language": "en-GB,en;q=0.9" });
    expect(english.headers.get("Content-Language")).to.equal("en");
    expect(english.headers.get("Vary")).to.include("Accept-Language");
    expect(english.json.lines.at(-1)).to.deep.include({
      at: "2025-12-01T09:00:00.000Z",
      type: "SignatoryInvited",
    });
  });

  it("is summed up on pages too", async () => {
    const { status, headers, text } = await get("summary?format=pdf");
    expect([status, headers.get("Content-Type")]).to.deep.equal([200, "application/pdf"]);
    expect(text).to.match(/^%PDF/);
    expect((await get("summary?format=docx")).status).to.equal(422);
  });

  it("has no evidence file before it was made, and then the opened PDF", async () => {
    expect((await get("evidence")).json).to.include({ status: 409, code: "evidence_pending" });
    const at = door.clock.instant;
    door.engine.happen(id, { type: "EvidenceFiled", sha256: "e".repeat(64), bytes: 9, level: "B-T", at });
    const { status, headers, text } = await get("evidence");
    expect([status, text]).to.deep.equal([200, "%PDF-evidence"]);
    expect(headers.get("Content-Disposition")).to.include(
      `attachment; filename="${id}-dossier-de-preuve.pdf";`,
    );
    expect((await get("evidence", { "If-None-Match": headers.get("ETag") ?? "" })).status).to.equal(304);
  });

  it("has none any more once its period is over", async () => {
    const at = door.clock.instant;
    door.engine.happen(id, { type: "EvidenceFiled", sha256: "e".repeat(64), bytes: 9, level: "B-T", at });
    door.engine.happen(id, { type: "PeopleForgotten", at });
    expect((await get("evidence")).json).to.include({ status: 410, code: "evidence_gone" });
  });

  it("is under no root before the first", async () => {
    expect((await get("inclusion")).json).to.include({ status: 409, code: "inclusion_pending" });
  });

  it("is under the newest root that has it", async () => {
    const proof: InclusionProof = {
      ...{ actorId: id, version: 3, head: "a".repeat(64), hour: 489_000, position: 0, count: 1 },
      ...{ path: [], root: "b".repeat(64), previous: "", token: "MAo=" },
    };
    door.door.proofs.inclusion = async () => proof;
    expect((await get("inclusion")).json).to.deep.equal(proof);
  });

  it("is not found by another firm", async () => {
    for (const path of ["evidence", "summary", "inclusion"])
      expect((await get(path, {}, keys.rival)).status, path).to.equal(404);
  });
});
