import { createMemoryStore } from "../support/memory-journal.ts";
import { describeJournal } from "./journal-contract.ts";
import { openTemporaryStore, secretsOfTests } from "./open-store.ts";

describeJournal("the journal on SQLite", async () => {
  const { store, secrets, close } = await openTemporaryStore();
  return { journal: store.journal, reads: store.reads, calendar: store.calendar, secrets, close };
});

describeJournal("the journal in memory", async () => {
  const { journal, reads, calendar } = createMemoryStore(secretsOfTests);
  return { journal, reads, calendar, secrets: secretsOfTests, close: async () => undefined };
});
