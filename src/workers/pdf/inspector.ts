import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { FindProgram } from "../isolation/bounds.ts";
import { LimitedProcesses } from "../isolation/limited-processes.ts";
import type { Inspection, InspectionLimits } from "./inspect.ts";
import { type Answer, failed, parseAnswer } from "./inspector-answer.ts";

const DEFAULT_WALL_MS = 15_000;
const DEFAULT_CPU_MS = 10_000;
const DEFAULT_ADDRESS_SPACE_BYTES = 1024 ** 3;
const DEFAULT_WAITING = 200;
const MAX_ANSWER_BYTES = 65_536;

/** How uploads are looked at; `childPath` and `findProgram` are for tests that need a child or a machine of another kind. */
export interface InspectorSettings {
  readonly processes?: number;
  /** How many files may wait for a process before the next is refused. */
  readonly waiting?: number;
  readonly wallMs?: number;
  readonly cpuMs?: number;
  readonly addressSpaceBytes?: number;
  readonly childPath?: string;
  readonly findProgram?: FindProgram;
  /** Told once which of the bounds this machine does not give the processes. */
  readonly warn?: (missing: readonly string[]) => void;
}

/** Looks at unknown PDFs in processes of their own, kept warm, each on one file at a time. */
export interface Inspector {
  /**
   * A file that kills its process or takes too long is answered as such, and only that file. Rejects with `Overloaded`,
   * and nothing else, when as many wait as may. With `rewrite`, a damaged file without signature is written anew once
   * (with `neutralise` a sound one too, flattened), inspected again, and, when that is accepted, put at `rewrite.to`,
   * synced; the answer then has `rewritten`, and nothing is at `rewrite.to` otherwise.
   */
  inspect(
    path: string,
    limits: InspectionLimits,
    rewrite?: { readonly to: string; readonly neutralise?: boolean },
  ): Promise<Inspection>;
  /** Ends the processes; files still waiting are answered `pdf_inspection_failed`. May be called twice. */
  close(): Promise<void>;
}

/** An inspector; its processes start with the first file that needs them. */
export function createInspector(settings: InspectorSettings = {}): Inspector {
  const processes = new LimitedProcesses<Answer>({
    processes: settings.processes ?? 1,
    waiting: settings.waiting ?? DEFAULT_WAITING,
    wallMs: settings.wallMs ?? DEFAULT_WALL_MS,
    cpuMs: settings.cpuMs ?? DEFAULT_CPU_MS,
    addressSpaceBytes: settings.addressSpaceBytes ?? DEFAULT_ADDRESS_SPACE_BYTES,
    childPath: settings.childPath ?? fileURLToPath(new URL("./inspector-child.js", import.meta.url)),
    mostAnswerBytes: MAX_ANSWER_BYTES,
    parse: parseAnswer,
    findProgram: settings.findProgram,
    warn: settings.warn,
  });
  return {
    async inspect(path, limits, rewrite) {
      const wish = rewrite && { neutralise: rewrite.neutralise === true };
      const mostBytes = rewrite === undefined ? 0 : limits.maxBytes;
      const outcome = await processes.ask({ path, limits, rewrite: wish }, mostBytes);
      if (!outcome.ok) {
        const { isTimeout, detail } = outcome;
        return isTimeout ? { ok: false, code: "pdf_inspection_timeout", detail } : failed(detail);
      }
      const { inspection, isRewritten } = outcome.answer;
      if (!inspection.ok || !isRewritten || rewrite === undefined) return inspection;
      return kept(inspection, outcome.bytes, rewrite.to);
    },
    close: () => processes.close(),
  };
}

/** The file written anew at its place, durable before it is spoken of. */
async function kept(inspection: Inspection & { ok: true }, bytes: Buffer, to: string): Promise<Inspection> {
  try {
    const file = await open(to, "wx", 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch {
    return failed("the file written anew could not be kept");
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { ...inspection, rewritten: { sha256, bytes: bytes.length } };
}
