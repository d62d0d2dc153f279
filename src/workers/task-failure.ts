import { PdfRefused } from "./pdf/refused.ts";
import { TokenFailure } from "./pkcs11/failure.ts";
import { ReadBackFailed } from "./read-back.ts";
import { SignerRefused } from "./signer-keys.ts";
import { OutputIsInput } from "./write-revision.ts";

/** The answer of a task that failed: a class does not survive the trip out of a thread. */
export interface TaskFailure {
  ok: false;
  code: string;
  detail?: string;
}

/** Details are for logs: they say where and what kind, and hold no text of a document or a key. */
export function failureOf(error: unknown): TaskFailure {
  if (error instanceof PdfRefused) return { ok: false, code: error.code, detail: error.detail };
  if (error instanceof SignerRefused || error instanceof TokenFailure) return { ok: false, code: error.code };
  if (error instanceof OutputIsInput) return { ok: false, code: "same_path" };
  if (error instanceof ReadBackFailed)
    return { ok: false, code: "readback_failed", detail: error.complaints };
  if (!(error instanceof Error)) return { ok: false, code: "internal_error" };
  if ("syscall" in error && "code" in error) {
    const detail = `${error.syscall}: ${error.code}`;
    if (error.code === "ENOSPC" || error.code === "EDQUOT") return { ok: false, code: "disk_full", detail };
    return { ok: false, code: "file_inaccessible", detail };
  }
  const place = error.stack?.split("\n")[1]?.trim() ?? "";
  return { ok: false, code: "internal_error", detail: `${error.name} ${place}` };
}
