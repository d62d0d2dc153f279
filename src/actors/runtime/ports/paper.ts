import type { StepFailure } from "./levels.ts";

/**
 * A piece of a text for people; `row` has its label in a column of its own, and its details smaller, a line each. All texts
 * are as people typed them.
 */
export type Block =
  | { kind: "heading"; text: string }
  | { kind: "text"; text: string }
  | { kind: "row"; label: string; text: string; details?: readonly string[] };

/** A PDF of text alone, and one file that it may carry. The same paper always gives the same pages. */
export interface Paper {
  language: "fr" | "en";
  title: string;
  blocks: readonly Block[];
  /** At the foot of each page, before its number. */
  footer: string;
  at: number;
  /** In the metadata, for programs: names of letters alone. */
  facts: Readonly<Record<string, string>>;
  attachment?: { name: string; description: string; mediaType: string; bytes: Uint8Array };
}

/** Writes papers in worker threads, and reads certificates there; results are values, never exceptions. */
export interface PaperPool {
  /** To a file where nothing was; it is not durable yet. */
  writePaper(paper: Paper, outPath: string): Promise<{ ok: true; bytes: number } | StepFailure>;
  /** Those that a document's signatures carry, in DER, each once. */
  certificatesIn(path: string): Promise<{ ok: true; certificates: Uint8Array[] } | StepFailure>;
}
