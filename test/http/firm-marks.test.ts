import { expect } from "chai";
import { aPatch } from "../workers/pdf/pngs.ts";
import { keys, type OpenDoor, openDoor } from "./support/a-door.ts";
import { call } from "./support/caller.ts";

describe("a firm's logo, over HTTP", () => {
  let door: OpenDoor;
  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  const image = aPatch(8, 8, [0, 0, 200]);
  const logo = (method: string, more: { body?: Uint8Array; type?: string; bearer?: string } = {}) =>
    call(`${door.url}/v1/firm/logo`, {
      method,
      bearer: more.bearer ?? keys.cabinet,
      ...(more.body && { body: more.body }),
      headers: { "Content-Type": more.type ?? "image/png" },
    });

  it("is set, seen by nobody else, and removed", async () => {
    expect((await logo("GET")).status).to.equal(404);
    expect((await logo("PUT", { body: image })).status).to.equal(204);
    const { status, headers, text } = await logo("GET");
    expect([status, headers.get("Content-Type")]).to.deep.equal([200, "image/png"]);
    expect(text).to.contain("PNG").and.contain("IHDR");
    expect(await door.door.logos.read("frm_cabinet")).to.deep.equal(Buffer.from(image));
    expect((await logo("GET", { bearer: keys.rival })).status).to.equal(404);
    const known = { "If-None-Match": headers.get("ETag") ?? "" };
    const again = await call(`${door.url}/v1/firm/logo`, { bearer: keys.cabinet, headers: known });
    expect(again.status).to.equal(304);
    expect((await logo("DELETE")).status).to.equal(204);
    expect((await logo("DELETE")).status).to.equal(204);
    expect((await logo("GET")).status).to.equal(404);
  });

  it("is an image that a stamp can show, or it is refused with the reason", async () => {
    const gif = await logo("PUT", { body: Buffer.from("GIF89a") });
    expect([gif.status, gif.json.code, gif.json.reason]).to.deep.equal([
      422,
      "not_a_logo",
      "neither a PNG nor a JPEG",
    ]);
    const broken = await logo("PUT", { body: image.subarray(0, image.length - 20) });
    expect(broken.json.code).to.equal("not_a_logo");
    expect((await logo("PUT", { body: Buffer.alloc(256 * 1024 + 1) })).json.code).to.equal("body_too_large");
    expect((await logo("PUT", { body: image, type: "image/gif" })).status).to.equal(415);
    expect((await logo("PUT")).json.code).to.equal("not_a_logo");
    expect(await door.door.logos.read("frm_cabinet")).to.equal(undefined);
  });
});

describe("the certificates of a firm's seal, over HTTP", () => {
  it("are listed with whose they are, until when, and whether they were revoked", async () => {
    const door = await openDoor();
    try {
      const { instant } = door.clock;
      const seal = {
        ...{ serialHex: "0a", sha256: "c".repeat(64), issuer: "Collecte Issuing CA", isBrought: false },
        subject: { commonName: "Cabinet Lemoine", organizationIdentifier: "SI:FR-732829320" },
        ...{ notBefore: instant - 3_000, notAfter: instant + 1_000 },
      };
      const old = { ...seal, serialHex: "09", revokedAt: instant - 1_000 };
      const asked: string[] = [];
      door.door.seals.of = async (firmId) => {
        asked.push(firmId);
        return [seal, old];
      };
      const list = async () => (await call(`${door.url}/v1/firm/seals`, { bearer: keys.cabinet })).json.items;
      const [first, second] = await list();
      expect(first).to.include({ serial: "0a", status: "live", notAfter: "2025-12-01T09:00:01.000Z" });
      expect(first.subject).to.deep.equal(seal.subject);
      expect(second).to.include({ serial: "09", status: "revoked", revokedAt: "2025-12-01T08:59:59.000Z" });
      door.clock.instant += 1_000;
      expect((await list())[0].status).to.equal("expired");
      expect(asked).to.deep.equal(["frm_cabinet", "frm_cabinet"]);
    } finally {
      await door.close();
    }
  });
});
