import { describeActors } from "./contract/actors.ts";
import { describeCalendar } from "./contract/calendar.ts";
import { describeMailbox } from "./contract/mailbox.ts";
import { describeOutbox } from "./contract/outbox.ts";
import { describeParapheurs } from "./contract/parapheurs.ts";
import { describeReads } from "./contract/reads.ts";
import type { Opened } from "./contract/subject.ts";

/** What every store must do, through `Journal` and `Reads`. `open` gives an empty one, for each test. */
export function describeJournal(name: string, open: () => Promise<Opened>): void {
  describe(name, () => {
    describeActors(open);
    describeMailbox(open);
    describeOutbox(open);
    describeReads(open);
    describeCalendar(open);
    describeParapheurs(open);
  });
}
