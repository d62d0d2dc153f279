import { expect } from "chai";
import { drill } from "./fairness.ts";

describe("a firm beside another's backlog", () => {
  it("has its mails sent in turn, not behind it", async () => {
    const mailsPerSecond = 25;
    const done = await drill({ launches: 500, tries: 5, mailsPerSecond });
    expect(done).to.have.length(5);
    for (const { backlog, overtaking } of done) {
      expect(backlog, "mails of the other firm that were still to come").to.be.above(4 * mailsPerSecond);
      // What was leased already goes first, and then each turn is of both.
      expect(overtaking, "mails of the other firm that came first").to.be.at.most(3 * mailsPerSecond);
    }
  }).timeout(180_000);
});
