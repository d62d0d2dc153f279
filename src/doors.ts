import type { RequestListener } from "node:http";
import type { House } from "./house.ts";
import { createApp } from "./http/app.ts";
import type { Door } from "./http/door.ts";
import { createHealthApp } from "./http/health-app.ts";
import { anchorsOf } from "./identity/anchors.ts";
import { createPublication } from "./identity/publication.ts";
import { trustedTsa } from "./levels.ts";
import { joinPeople } from "./people.ts";
import { joinProofs } from "./proofs.ts";
import { budgetOf, joinSmsReceipts } from "./sms.ts";
import { createInspector } from "./workers/pdf/inspector.ts";
import { createSpreadsheets } from "./workers/spreadsheet/reader.ts";
import { createVerifier } from "./workers/verifier/verifier.ts";

/** Opens once it is known where the engine is reached. */
export type OpenDoor = (of: Pick<Door, "health" | "isClosing"> & { baseUrl: string }) => RequestListener;

/** The engine's whole HTTP face. */
export function doorOf(house: House): OpenDoor {
  const { settings, secrets, clock, testClock, log, store, runtime, undo, around, pool } = house;
  const people = joinPeople(store, clock, settings);
  const warn = (missing: readonly string[]) =>
    log.warn(
      { missing: missing.join(", ") },
      "this machine does not bound the processes that read unknown PDFs",
    );
  const waiting = settings.uploadsWaiting;
  const inspector = around("inspector", createInspector({ processes: 1, waiting, warn }));
  undo.push("inspector", () => inspector.close());
  const verifier = createVerifier({ waiting });
  undo.push("verifier", () => verifier.close());
  const trustDer = trustedTsa(settings.tsa);
  const publication = createPublication(store, clock, settings.baseUrl);
  const spreadsheets = createSpreadsheets({ waiting });
  undo.push("spreadsheets", () => spreadsheets.close());
  const { reads, documents, contacts, directory, blobs, parapheurs } = store;
  const { maxDocumentBytes, maxDocumentPages, level, sessionMinutes, rateLimits, trustedProxies } = settings;
  return ({ baseUrl, health, isClosing }) =>
    createApp({
      mailbox: runtime.committer,
      reads,
      documents,
      contacts,
      spreadsheets,
      directory,
      parapheurs,
      ...people,
      images: pool,
      blobs,
      inspector,
      verifier: {
        verify: async (path) => {
          const anchors = await anchorsOf(store.keyring);
          return verifier.verify(path, { trustDer: [...anchors, ...trustDer], at: clock.now() });
        },
      },
      publication,
      smsBudget: budgetOf(house),
      smsReceipts: joinSmsReceipts(house),
      proofs: joinProofs({ store, pool, clock }),
      secrets,
      clock,
      ...(testClock && { testClock }),
      log,
      settings: {
        baseUrl,
        maxDocumentBytes,
        maxDocumentPages,
        level,
        sessionMinutes,
        rateLimits,
        trustedProxies,
      },
      isClosing,
      health,
    });
}

/** Of a process that takes no requests: how it is. */
export function healthDoorOf({ log }: House): OpenDoor {
  return ({ health }) => createHealthApp({ health, log });
}
