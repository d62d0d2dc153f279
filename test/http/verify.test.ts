import { expect } from "chai";
import { unjudged } from "../../src/workers/verify-document.ts";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { aPdf, call } from "./support/caller.ts";

describe("the check of a PDF over HTTP", () => {
  let door: OpenDoor;
  const verify = (body: Uint8Array | string, bearer?: string) =>
    call(`${door.url}/v1/verify`, { ...(bearer !== undefined && { bearer }), body });

  beforeEach(async () => {
    door = await openDoor({ maxDocumentBytes: 20_000 });
  });
  afterEach(() => door.close());

  it("answers the report, and keeps nothing", async () => {
    const { status, json } = await verify(await aPdf(), keys.cabinet);
    expect([status, json.verdict]).to.deep.equal([200, "INDETERMINATE"]);
    expect(await door.temporaryFiles()).to.deep.equal([]);
    expect(await door.blobFiles()).to.deep.equal([]);
  });

  it("is for those with a key, and for PDFs of the size that uploads may have", async () => {
    expect((await verify(await aPdf())).status).to.equal(401);
    expect((await verify("Bonjour", keys.cabinet)).json.code).to.equal("not_a_pdf");
    const large = Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.alloc(20_001)]);
    expect((await verify(large, keys.cabinet)).json.code).to.equal("document_too_large");
    expect(await door.temporaryFiles()).to.deep.equal([]);
  });

  it("says when the file could not be judged", async () => {
    door.verification.answer = unjudged("verification_timeout");
    expect((await verify(await aPdf(), keys.cabinet)).json.code).to.equal("pdf_inspection_timeout");
  });
});
