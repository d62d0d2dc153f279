import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fsync,
  lstatSync,
  openSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { promisify } from "node:util";
import type { SignResult, SignTask } from "../actors/runtime/ports.ts";
import { buildSignedData, cmsBytesFor } from "./cms/build.ts";
import { eachChunk } from "./digests.ts";
import { type OpenDocument, smallDocumentBytes, withDocument } from "./open-document.ts";
import { PdfRefused } from "./pdf/refused.ts";
import { fillContents, prepareSignature } from "./pdf/revision.ts";
import { openPdf } from "./pdf/tail.ts";
import { SignerRefused, signerFor } from "./signer-keys.ts";
import { type VerifyReport, verifyDocument } from "./verify-document.ts";

const fsyncFile = promisify(fsync);

/**
 * Appends one signature to a document, in a file of its own: `outPath` is the input's bytes and a revision, durable,
 * read back and checked. Never throws, and leaves no `outPath` behind when it fails; a leftover one is replaced.
 */
export async function signDocument(task: SignTask): Promise<SignResult> {
  try {
    return await sign(task);
  } catch (error) {
    return failure(error);
  }
}

interface Written {
  fd: number;
  before: string;
  sha256: string;
  bytes: number;
  revisionBytes: number;
  certificateDer: Uint8Array;
}

async function sign(task: SignTask): Promise<SignResult> {
  const written = withDocument(task.path, (document) => append(task, document));
  try {
    try {
      await fsyncFile(written.fd);
    } finally {
      closeSync(written.fd);
    }
    const { before, sha256, bytes, revisionBytes } = written;
    const report = verifyDocument(task.outPath, { trustDer: [task.signer.rootDer] });
    const own = ownSignature(report, written);
    if (own !== undefined) {
      return { ok: true, sha256, bytes, revisionBytes, before, level: "B-B", ...own };
    }
    rmSync(task.outPath, { force: true });
    return { ok: false, code: "readback_failed", detail: complaints(report) };
  } catch (error) {
    rmSync(task.outPath, { force: true });
    throw error;
  }
}

/** Makes the revision, and writes the input and it to `outPath`; the descriptor is open still, for its fsync. */
function append(task: SignTask, document: OpenDocument): Written {
  const { source } = document;
  const signingTime = new Date(task.signingTime);
  const pdf = openPdf(source);
  const signer = signerFor(task.signer, signingTime);
  const prepared = prepareSignature(pdf, {
    signingTime,
    name: task.name,
    ...(task.reason !== undefined && { reason: task.reason }),
    ...(task.appearance && { appearance: task.appearance }),
    ...(task.fields && { fields: task.fields }),
    ...(task.certify !== undefined && { certify: task.certify }),
    ...(task.lock !== undefined && { lock: task.lock }),
    contentsBytes: cmsBytesFor(signer),
  });
  const { tail, contentsStart, contentsHexLength } = prepared;
  // One pass over the document gives its own digest, the one to be signed and that of the result: they differ only
  // in what follows.
  const hash = createHash("sha256");
  eachChunk(source, (chunk) => hash.update(chunk));
  const before = hash.copy().digest("hex");
  const documentDigest = hash
    .copy()
    .update(tail.subarray(0, contentsStart))
    .update(tail.subarray(contentsStart + contentsHexLength + 2))
    .digest();
  fillContents(tail, prepared, buildSignedData({ ...signer, documentDigest }));
  return {
    fd: writeOut(task, document, tail),
    before,
    sha256: hash.update(tail).digest("hex"),
    bytes: source.size + tail.length,
    revisionBytes: tail.length,
    certificateDer: signer.certificateDer,
  };
}

function writeOut(task: SignTask, document: OpenDocument, tail: Uint8Array): number {
  const leftover = lstatSync(task.outPath, { throwIfNoEntry: false });
  if (leftover?.ino === document.inode && leftover.dev === document.device) throw new OutputIsInput();
  rmSync(task.outPath, { force: true });
  const { source } = document;
  const small = source.size <= smallDocumentBytes;
  // Where the file system can share extents (btrfs, XFS), a large document's bytes are not written twice.
  if (!small) {
    copyFileSync(task.path, task.outPath, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    chmodSync(task.outPath, 0o600);
  }
  try {
    const fd = openSync(task.outPath, small ? "wx" : "a", 0o600);
    try {
      if (small) writeFileSync(fd, source.read(0, source.size));
      writeFileSync(fd, tail);
      return fd;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  } catch (error) {
    rmSync(task.outPath, { force: true });
    throw error;
  }
}

/**
 * The field and certificate of the signature just made, when the file read back is right: ours passes and covers all, and no
 * earlier one fails. An earlier one may be undecided: it may lead to a root that is not this signer's.
 */
function ownSignature(
  report: VerifyReport,
  written: Written,
): Pick<SignResult & { ok: true }, "fieldName" | "certificate"> | undefined {
  if (report.sha256 !== written.sha256 || report.problems.length > 0) return undefined;
  if (report.verdict === "TOTAL-FAILED") return undefined;
  const own = report.signatures.filter((signature) => signature.coversWholeFile);
  const [signature] = own;
  if (own.length !== 1 || signature?.verdict !== "TOTAL-PASSED" || signature.level !== "B-B")
    return undefined;
  const { fieldName, certificate } = signature;
  const expected = createHash("sha256").update(written.certificateDer).digest("hex");
  if (certificate?.sha256 !== expected) return undefined;
  return { fieldName, certificate: { sha256: expected, serialHex: certificate.serialHex } };
}

function complaints(report: VerifyReport): string {
  const ofSignatures = report.signatures.flatMap(({ fieldName, problems }) =>
    problems.map((p) => `${fieldName}: ${p}`),
  );
  return [report.verdict, ...report.problems, ...ofSignatures].join(", ");
}

class OutputIsInput extends Error {}

/** Details are for logs: they say where and what kind, and hold no text of a document or a key. */
function failure(error: unknown): SignResult {
  if (error instanceof PdfRefused) return { ok: false, code: error.code, detail: error.detail };
  if (error instanceof SignerRefused) return { ok: false, code: error.code };
  if (error instanceof OutputIsInput) return { ok: false, code: "same_path" };
  if (!(error instanceof Error)) return { ok: false, code: "internal_error" };
  if ("syscall" in error && "code" in error) {
    const detail = `${error.syscall}: ${error.code}`;
    if (error.code === "ENOSPC" || error.code === "EDQUOT") return { ok: false, code: "disk_full", detail };
    return { ok: false, code: "file_inaccessible", detail };
  }
  return {
    ok: false,
    code: "internal_error",
    detail: `${error.name} ${error.stack?.split("\n")[1]?.trim() ?? ""}`,
  };
}
