import { type Cabinet, openCabinet } from "./cabinet.ts";
import { membersAsk } from "./members.ts";

describe("the FAQ of jesignexpert.com, each answer that is about the product", function () {
  this.timeout(60_000);
  let cabinet: Cabinet;
  before(async () => {
    cabinet = await openCabinet();
  });
  after(() => cabinet?.close());

  membersAsk(() => cabinet);
});
