import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fsync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  writevSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { basePart, type OpenDocument, restPart, smallDocumentBytes } from "./open-document.ts";

const fsyncFile = promisify(fsync);

/** Thrown when a document would be written over itself. */
export class OutputIsInput extends Error {}

/** Where a document is, and where it and what follows are to be: with `share`, possibly in a folder of two parts. */
export interface RevisionPaths {
  path: string;
  outPath: string;
  share?: boolean;
}

/** What was just written; its bytes, and the names in its folder, are not durable before `settle`. */
export interface WrittenFile {
  fds: readonly number[];
}

/**
 * Writes the open document and a tail of any revisions to `outPath`. A leftover there is replaced; nothing is left
 * there when it throws. The answer is to be given to `settle`.
 */
export function writeRevision(paths: RevisionPaths, document: OpenDocument, tail: Uint8Array): WrittenFile {
  const { path, outPath } = paths;
  try {
    return write(paths, document, tail);
  } catch (cause) {
    if (!isLeftover(cause)) throw cause;
    if (isSame(outPath, path)) throw new OutputIsInput("the output is the input", { cause });
    rmSync(outPath, { recursive: true, force: true });
    return write(paths, document, tail);
  }
}

function write({ outPath, share }: RevisionPaths, document: OpenDocument, tail: Uint8Array): WrittenFile {
  const { base, rest, source } = document;
  if (source.size <= smallDocumentBytes) {
    return { fds: [create(outPath, "wx", [source.read(0, source.size), tail])] };
  }
  if (share === true && linkBase(base.path, outPath)) {
    return removedOnFailure(outPath, () => {
      const file = create(join(outPath, restPart), "wx", [rest, tail]);
      return { fds: [file, openSync(outPath, "r")] };
    });
  }
  // Where the file system can share extents (btrfs, XFS), a large document's bytes are not written twice.
  copyFileSync(base.path, outPath, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  return removedOnFailure(outPath, () => {
    chmodSync(outPath, 0o600);
    return { fds: [create(outPath, "a", [rest, tail])] };
  });
}

/** Whether a folder with the base as its first part could be made: not across devices, nor on every file system. */
function linkBase(base: string, folder: string): boolean {
  mkdirSync(folder, 0o700);
  try {
    linkSync(base, join(folder, basePart));
    return true;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (error instanceof Error && "code" in error && noLink.has(String(error.code))) return false;
    throw error;
  }
}

const noLink: ReadonlySet<string> = new Set(["EXDEV", "EPERM", "EMLINK", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"]);

function create(path: string, flags: "wx" | "a", pieces: readonly Uint8Array[]): number {
  const fd = openSync(path, flags, 0o600);
  try {
    writeAll(fd, pieces);
    return fd;
  } catch (error) {
    closeSync(fd);
    rmSync(path, { force: true });
    throw error;
  }
}

function writeAll(fd: number, pieces: readonly Uint8Array[]): void {
  let left = pieces.filter(({ length }) => length > 0);
  while (left.length > 0) {
    let written = writevSync(fd, left);
    left = left.flatMap((piece) => {
      const done = Math.min(written, piece.length);
      written -= done;
      return done === piece.length ? [] : [piece.subarray(done)];
    });
  }
}

function removedOnFailure<T>(outPath: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    rmSync(outPath, { recursive: true, force: true });
    throw error;
  }
}

const isLeftover = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "EEXIST";

function isSame(outPath: string, path: string): boolean {
  const [out, input] = [lstatSync(outPath), statSync(path)];
  return out.ino === input.ino && out.dev === input.dev;
}

/** Makes what was written durable, and closes it. */
export async function settle({ fds }: WrittenFile): Promise<void> {
  // The others of a group are written first: a file cannot be made while the journal commits for another's fsync.
  await Promise.resolve();
  try {
    // Together: a journal commits for both at once.
    await Promise.all(fds.map((fd) => fsyncFile(fd)));
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}
