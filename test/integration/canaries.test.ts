import { deflateSync } from "node:zlib";
import { expect } from "chai";
import { canaryDrill } from "../drill/canary-drill.ts";
import { sightingsIn } from "../drill/canary-search.ts";

describe("after a purge and after forgetting", function () {
  this.timeout(120_000);
  for (const setting of ["sqlite", "postgres+redis"] as const) {
    it(`no canary is left in files, database, log and queue, and the record can be read (${setting})`, async function () {
      const report = await canaryDrill(setting);
      if (!report) return this.skip();
      expect(report.seenBefore, "the search sees what is there").to.be.greaterThan(0);
      expect(report.afterPurge).to.deep.equal([]);
      expect(report.afterForgetting).to.deep.equal([]);
      expect(report.closed, "documents are not served any more").to.deep.equal([410, 410]);
      expect(report.delivered).to.include.members(["dossier-de-preuve.pdf", "index.json"]);
      expect(report.isReadable).to.equal(true);
    });
  }

  it("the search finds what was left on purpose, in whatever form", () => {
    const words = { word: "CanariBrut0123456789" };
    const word = Buffer.from(words.word);
    const packed = Buffer.concat([
      Buffer.from("<<>> stream\n"),
      deflateSync(word),
      Buffer.from("\nendstream"),
    ]);
    const forms = [
      word,
      Buffer.from(words.word, "utf16le"),
      Buffer.from(words.word, "utf16le").swap16(),
      Buffer.from(word.toString("hex")),
      Buffer.from(Buffer.concat([Buffer.from("x"), word, Buffer.from("yz")]).toString("base64")),
      packed,
    ];
    for (const form of forms) expect(sightingsIn(form, "here", words)).to.have.length(1);
    expect(sightingsIn(Buffer.from("Canari"), "here", words)).to.deep.equal([]);
  });

  it("the search takes no chance likeness of a short word in base64 for the word, and finds it at any place", () => {
    const words = { phone: "+33612345678" };
    for (const before of ["", "x", "yz"]) {
      const whole = Buffer.from(`${before}${words.phone}`).toString("base64");
      expect(sightingsIn(Buffer.from(whole), "here", words)).to.have.length(1);
    }
    const middle = Buffer.from(words.phone).toString("base64").slice(4, 12);
    expect(sightingsIn(Buffer.from(middle), "here", words)).to.deep.equal([]);
  });
});
