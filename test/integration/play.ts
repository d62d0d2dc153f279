import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { Client } from "../../examples/end-of-year/clients.ts";
import { checkLetters } from "../../src/cli/demo/check.ts";
import { sendLetters } from "../../src/cli/demo/sending.ts";
import type { Stage } from "../../src/cli/demo/stage.ts";

export interface Playing {
  stage: Stage;
  folder: string;
  clients: Client[];
}

/** Plays all clients, and calls `fault` each time that so many are completed; answers how many times it did. */
export async function play(
  { stage, folder, clients }: Playing,
  after: number[],
  fault: (stage: Stage) => Promise<void>,
): Promise<number> {
  let completed = 0;
  let faults = 0;
  // One after the other: an engine that comes back while the database is down has every right to give up.
  let struck: Promise<unknown> = Promise.resolve();
  const sent = await sendLetters({
    stage,
    clients,
    folder,
    atOnce: 25,
    timeoutMs: 60_000,
    onCompleted() {
      completed += 1;
      if (!after.includes(completed)) return;
      struck = struck.then(() => fault(stage)).then(() => faults++);
      // A failure is told at the end.
      struck.catch(() => undefined);
    },
  });
  expect(sent).to.have.length(clients.length);
  await struck;
  return faults;
}

export async function everyoneSignedOnce({ stage, folder, clients }: Playing): Promise<void> {
  // One invitation a signatory, one completion mail a signatory. Nobody in the play waits for the expert's: of those
  // that a fault delayed, the last come when their leases have run out.
  for (let tries = 0; tries < 300 && stage.mails.count() < clients.length * 4; tries++) await sleep(100);
  expect(stage.mails.count()).to.equal(clients.length * 4);
  expect(stage.smses.count()).to.equal(clients.length * 2);
  const names = await readdir(join(folder, "signed"));
  const files = names.map((name) => ({ file: join(folder, "signed", name) }));
  const verified = await checkLetters(files, join(folder, "ca.pem"), 2);
  expect(verified).to.have.length(clients.length);
}
