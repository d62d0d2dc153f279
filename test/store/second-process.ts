import { openStore } from "../../src/store/store.ts";
import { creation, noCollecte } from "../support/collecte-builder.ts";
import { collecteCommitter, decided } from "./lives.ts";
import { secretsOfTests } from "./open-store.ts";

/*
 * A process that a test starts: makes and launches the same collectes as its twins, under ids of messages of its
 * own, and prints how many of its commands were done.
 */
const [folder = "", name = "", count = "0", url] = process.argv.slice(2);
const clock = { now: () => Date.now() };
const store = await openStore(folder, secretsOfTests, clock, url === undefined ? undefined : { url });
const committer = collecteCommitter(store.journal, clock);
const { turns } = noCollecte().told(creation()).launched();
let done = 0;
await Promise.all(
  Array.from({ length: Number(count) }, async (_, i) => {
    await new Promise((resolve) => setTimeout(resolve, i * 3));
    for (const [n, { command }] of turns.entries()) {
      const outcome = await decided(committer, {
        id: `${name}-${i}-${n}`,
        actorId: `col-${i}`,
        kind: "collecte",
        firmId: "firm",
        command,
      });
      if (outcome.status === "done") done++;
    }
    // Also when the twin was faster, what it wrote can be read here.
    if (!(await store.reads.collecte("firm", `col-${i}`))) throw new Error(`col-${i} is missing`);
  }),
);
await committer.stop();
await store.close();
process.stdout.write(JSON.stringify({ done }));
