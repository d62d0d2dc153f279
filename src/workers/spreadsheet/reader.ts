import { fileURLToPath } from "node:url";
import type { SheetReading, Spreadsheets } from "../../actors/runtime/ports.ts";
import type { FindProgram } from "../isolation/bounds.ts";
import type { Said } from "../isolation/limited-process.ts";
import { LimitedProcesses } from "../isolation/limited-processes.ts";
import type { Wish } from "./wish.ts";

const DEFAULT_WALL_MS = 15_000;
const CPU_MS = 10_000;
const ADDRESS_SPACE_BYTES = 1024 ** 3;
const MAX_ANSWER_BYTES = 1_024;
const MAX_ROWS_BYTES = 32 << 20;
const DEFAULT_WAITING = 20;

/** What a reading process is asked. */
export interface Question {
  readonly path: string;
  readonly wish: Wish;
}

/** How unknown spreadsheets are read; `childPath` and `findProgram` are for tests that need a child or a machine of another kind. */
export interface SpreadsheetSettings {
  /** How many files may wait for the process before the next is refused. */
  readonly waiting?: number;
  readonly wallMs?: number;
  readonly childPath?: string;
  readonly findProgram?: FindProgram;
  /** Told once which of the bounds this machine does not give the process. */
  readonly warn?: (missing: readonly string[]) => void;
}

/** The reader of spreadsheets, in a process that starts with the first file; `close` may be called twice. */
export function createSpreadsheets(
  settings: SpreadsheetSettings = {},
): Spreadsheets & { close(): Promise<void> } {
  const processes = new LimitedProcesses<undefined>({
    processes: 1,
    waiting: settings.waiting ?? DEFAULT_WAITING,
    wallMs: settings.wallMs ?? DEFAULT_WALL_MS,
    cpuMs: CPU_MS,
    addressSpaceBytes: ADDRESS_SPACE_BYTES,
    childPath: settings.childPath ?? fileURLToPath(new URL("./child.js", import.meta.url)),
    mostAnswerBytes: MAX_ANSWER_BYTES,
    parse,
    findProgram: settings.findProgram,
    warn: settings.warn,
  });
  return {
    async read(path, wish) {
      const outcome = await processes.ask({ path, wish } satisfies Question, MAX_ROWS_BYTES);
      if (!outcome.ok)
        return { ok: false, code: outcome.isTimeout ? "spreadsheet_timeout" : "spreadsheet_failed" };
      return readingOf(outcome.bytes, wish.maxRows);
    },
    close: () => processes.close(),
  };
}

/** Undefined: nonsense. */
function parse(line: string): Said<undefined> | undefined {
  try {
    const { bytes } = JSON.parse(line) as { bytes?: unknown };
    return Number.isSafeInteger(bytes) && Number(bytes) > 0
      ? { answer: undefined, bytes: Number(bytes) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** The process has read an unknown file: the shape of what it says is checked before anybody uses it. */
function readingOf(bytes: Buffer, maxRows: number): SheetReading {
  try {
    const reading = JSON.parse(bytes.toString()) as SheetReading;
    if (reading.ok === false && typeof reading.code === "string") return { ok: false, code: reading.code };
    if (reading.ok === true && reading.sheet.rows.length <= maxRows && reading.sheet.rows.every(isRow))
      return reading;
  } catch {
    // Said below.
  }
  return { ok: false, code: "spreadsheet_failed" };
}

function isRow({ row, cells }: { row: unknown; cells: unknown }): boolean {
  return Number.isSafeInteger(row) && Array.isArray(cells) && cells.every(isCell);
}

function isCell(cell: unknown): boolean {
  if (typeof cell === "string") return true;
  if (typeof cell !== "object" || cell === null) return false;
  if ("number" in cell)
    return typeof cell.number === "number" && "shown" in cell && typeof cell.shown === "string";
  return "error" in cell && typeof cell.error === "string";
}
