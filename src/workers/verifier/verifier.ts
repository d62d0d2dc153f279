import { Overloaded } from "../../actors/runtime/errors.ts";
import { unjudged, type VerifyReport } from "../verify-document.ts";
import { type Bounds, type Question, VerifierProcess } from "./process.ts";

const usual: Bounds = { wallMs: 15_000, addressSpaceBytes: 1024 ** 3 };
const RETRY_AFTER_SECONDS = 5;

/** How unknown PDFs are judged; `waiting` is how many may wait for a process before the next is refused. */
export interface VerifierSettings extends Partial<Bounds> {
  readonly processes?: number;
  readonly waiting?: number;
}

/** Judges unknown PDFs in processes of their own, kept warm, each on one file at a time. */
export interface Verifier {
  /**
   * As of `at` (milliseconds since 1970). A file that kills its process or takes too long is answered as such. Rejects with
   * `Overloaded`, and nothing else, when as many wait as may.
   */
  verify(path: string, options: { trustDer: readonly Uint8Array[]; at: number }): Promise<VerifyReport>;
  /** Ends the processes; files still waiting are answered `verification_failed`. May be called twice. */
  close(): Promise<void>;
}

/** A verifier; its processes start with the first file that needs them. */
export function createVerifier({ processes = 1, waiting = 200, ...bounds }: VerifierSettings = {}): Verifier {
  const places = Array.from({ length: processes }, () => new VerifierProcess({ ...usual, ...bounds }));
  const queue: { question: Question; settle(report: VerifyReport): void }[] = [];
  let closed = false;

  function serve(): void {
    for (const place of places) {
      const next = place.isBusy ? undefined : queue.shift();
      if (next === undefined) continue;
      place.ask(next.question, (report) => {
        next.settle(report);
        serve();
      });
    }
  }

  return {
    verify(path, { trustDer, at }) {
      if (closed) return Promise.resolve(unjudged("verification_failed"));
      if (queue.length >= waiting) return Promise.reject(new Overloaded(RETRY_AFTER_SECONDS));
      const trust = trustDer.map((der) => Buffer.from(der).toString("base64"));
      return new Promise((settle) => {
        queue.push({ question: { path, trust, at }, settle });
        serve();
      });
    },
    async close() {
      closed = true;
      for (const { settle } of queue.splice(0)) settle(unjudged("verification_failed"));
      await Promise.all(places.map((place) => place.close()));
    },
  };
}
