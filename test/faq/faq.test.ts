import { type Cabinet, openCabinet } from "./cabinet.ts";
import { coursesAsk } from "./courses.ts";
import { documentsAsk } from "./documents.ts";
import { membersAsk } from "./members.ts";
import { preparingAsks } from "./preparing.ts";
import { signingAsks } from "./signing.ts";

describe("the FAQ of jesignexpert.com, each answer that is about the product", function () {
  this.timeout(60_000);
  let cabinet: Cabinet;
  before(async () => {
    cabinet = await openCabinet();
  });
  after(() => cabinet?.close());

  membersAsk(() => cabinet);
  preparingAsks(() => cabinet);
  signingAsks(() => cabinet);
  documentsAsk(() => cabinet);
  coursesAsk(() => cabinet);
});
