import { fileURLToPath } from "node:url";
import type { FindProgram } from "../isolation/bounds.ts";
import type { Said } from "../isolation/limited-process.ts";
import { LimitedProcesses } from "../isolation/limited-processes.ts";
import { unjudged, type VerifyReport } from "../verify-document.ts";

const DEFAULT_WALL_MS = 15_000;
const ADDRESS_SPACE_BYTES = 1024 ** 3;
const MAX_ANSWER_BYTES = 8 << 20;

/** What a verifying process is asked; certificates in Base64. */
export interface Question {
  readonly path: string;
  readonly trust: readonly string[];
  readonly at: number;
}

/** How unknown PDFs are judged; `childPath` and `findProgram` are for tests that need a child or a machine of another kind. */
export interface VerifierSettings {
  readonly processes?: number;
  /** How many files may wait for a process before the next is refused. */
  readonly waiting?: number;
  readonly wallMs?: number;
  readonly childPath?: string;
  readonly findProgram?: FindProgram;
  /** Told once which of the bounds this machine does not give the processes. */
  readonly warn?: (missing: readonly string[]) => void;
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
export function createVerifier(settings: VerifierSettings = {}): Verifier {
  const wallMs = settings.wallMs ?? DEFAULT_WALL_MS;
  const processes = new LimitedProcesses<VerifyReport>({
    processes: settings.processes ?? 1,
    waiting: settings.waiting ?? 200,
    wallMs,
    cpuMs: wallMs,
    addressSpaceBytes: ADDRESS_SPACE_BYTES,
    childPath: settings.childPath ?? fileURLToPath(new URL("./child.js", import.meta.url)),
    mostAnswerBytes: MAX_ANSWER_BYTES,
    parse,
    findProgram: settings.findProgram,
    warn: settings.warn,
  });
  return {
    async verify(path, { trustDer, at }) {
      const trust = trustDer.map((der) => Buffer.from(der).toString("base64"));
      const question: Question = { path, trust, at };
      const outcome = await processes.ask(question);
      if (outcome.ok) return outcome.answer;
      return unjudged(outcome.isTimeout ? "verification_timeout" : "verification_failed");
    },
    close: () => processes.close(),
  };
}

// No more is taken from the process than a report's form.
function parse(line: string): Said<VerifyReport> | undefined {
  try {
    const answer = JSON.parse(line) as VerifyReport;
    const isReport = typeof answer.verdict === "string" && Array.isArray(answer.signatures);
    return isReport && Array.isArray(answer.problems) ? { answer, bytes: 0 } : undefined;
  } catch {
    return undefined;
  }
}
