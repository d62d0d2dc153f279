import { fileURLToPath } from "node:url";
import { Overloaded } from "../../actors/runtime/errors.ts";
import type { Inspection, InspectionLimits } from "./inspect.ts";
import { failed } from "./inspector-answer.ts";
import { type ChildSettings, type InspectionOrder, InspectorChild } from "./inspector-process.ts";
import type { FindProgram } from "./isolation.ts";

const DEFAULT_WALL_MS = 15_000;
const DEFAULT_CPU_MS = 10_000;
const DEFAULT_ADDRESS_SPACE_BYTES = 1024 ** 3;
const DEFAULT_WAITING = 200;
/** Most files take well under a second. */
const RETRY_AFTER_SECONDS = 5;

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
    rewrite?: NonNullable<InspectionOrder["rewrite"]>,
  ): Promise<Inspection>;
  /** Ends the processes; files still waiting are answered `pdf_inspection_failed`. May be called twice. */
  close(): Promise<void>;
}

interface Waiting {
  readonly order: InspectionOrder;
  readonly settle: (inspection: Inspection) => void;
}

/** An inspector; its processes start with the first file that needs them. */
export function createInspector(settings: InspectorSettings = {}): Inspector {
  let warned = false;
  const childSettings: ChildSettings = {
    wallMs: settings.wallMs ?? DEFAULT_WALL_MS,
    cpuMs: settings.cpuMs ?? DEFAULT_CPU_MS,
    addressSpaceBytes: settings.addressSpaceBytes ?? DEFAULT_ADDRESS_SPACE_BYTES,
    childPath: settings.childPath ?? fileURLToPath(new URL("./inspector-child.js", import.meta.url)),
    findProgram: settings.findProgram,
    warn(missing) {
      if (!warned) settings.warn?.(missing);
      warned = true;
    },
  };
  const places = Array.from({ length: settings.processes ?? 1 }, () => new InspectorChild(childSettings));
  const queue: Waiting[] = [];
  const mostWaiting = settings.waiting ?? DEFAULT_WAITING;
  let closed = false;

  function serve(): void {
    for (const place of places) {
      const next = place.isBusy ? undefined : queue.shift();
      if (next === undefined) continue;
      place.ask(next.order, (inspection) => {
        next.settle(inspection);
        serve();
      });
    }
  }

  return {
    inspect(path, limits, rewrite) {
      if (closed) return Promise.resolve(failed("the inspector is closed"));
      if (queue.length >= mostWaiting) return Promise.reject(new Overloaded(RETRY_AFTER_SECONDS));
      return new Promise((settle) => {
        queue.push({ order: { path, limits, ...(rewrite && { rewrite }) }, settle });
        serve();
      });
    },
    async close() {
      closed = true;
      for (const { settle } of queue.splice(0)) settle(failed("the inspector is closed"));
      await Promise.all(places.map((place) => place.close()));
    },
  };
}
