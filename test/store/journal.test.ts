import { createMemoryStore } from "../support/memory-journal.ts";
import { describeJournal } from "./journal-contract.ts";
import { openTemporaryStore, secretsOfTests } from "./open-store.ts";

describeJournal("the journal on SQLite", async () => {
  const { store, secrets, close } = await openTemporaryStore();
  const { journal, reads, parapheurs, calendar } = store;
  return { journal, reads, parapheurs, calendar, secrets, close };
});

describeJournal("the journal in memory", async () => {
  const { journal, reads, parapheurs, calendar } = createMemoryStore(secretsOfTests);
  return { journal, reads, parapheurs, calendar, secrets: secretsOfTests, close: async () => undefined };
});
