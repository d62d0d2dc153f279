import type { Calendar, Journal, Parapheurs, Reads } from "../../../src/actors/runtime/ports.ts";
import type { Secrets } from "../../../src/actors/runtime/secrets.ts";

/** A store under the contract, with the secrets that it was made with. */
export interface Opened {
  journal: Journal;
  reads: Reads;
  parapheurs: Parapheurs;
  calendar: Calendar;
  secrets: Secrets;
  close(): Promise<void>;
}

/** A subject for each test of the suite that calls this, closed after it. */
export function eachOpened(open: () => Promise<Opened>): { readonly it: Opened } {
  let opened: Opened | undefined;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened?.close());
  return {
    get it() {
      if (!opened) throw new Error("nothing is open outside a test");
      return opened;
    },
  };
}
