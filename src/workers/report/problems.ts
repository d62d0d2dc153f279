import type { CmsProblem } from "../cms/check.ts";
import { isLocked } from "../pdf/restrictions.ts";
import type { PdfSignature, SignatureProblem } from "../pdf/signatures.ts";

/** Anything that can be said against one signature, each a stable code. */
export type ReportProblem =
  | CmsProblem
  | SignatureProblem
  | ChangeProblem
  | "cms_not_der"
  | "contents_not_canonical"
  | "padding_not_zero"
  | "subfilter_unsupported"
  | "certificate_revoked"
  | "certificate_revoked_no_proof"
  | "authority_revoked"
  | "timestamp_invalid"
  | "timestamp_untrusted";

/** What is wrong with what followed a signature. */
export type ChangeProblem =
  | "changed_after_signing"
  | "change_forbidden"
  | "locked_field_changed"
  | "forms_filled"
  | "annotated_after_signing"
  | "shown_after_signing";

/**
 * What followed a signature, judged by what it and the document's certification allow (ISO 32000-2, 12.8.2.2 and
 * 12.8.2.4). Evidence (a security store, document timestamps) is always allowed. Remarks and later visible signatures
 * may be painted over what was signed, allowed or not: only a reader can say whether they are.
 */
export function changeProblems({ change, restrictions }: PdfSignature): ChangeProblem[] {
  if (change.other) return ["changed_after_signing"];
  const { permission, locks } = restrictions;
  const { filled, signedFields, annotated, signed, shown } = change;
  const problems: ChangeProblem[] = [];
  if (permission === 1 && (filled.length > 0 || annotated || signed)) problems.push("change_forbidden");
  if ([...filled, ...signedFields].some((name) => isLocked(name, locks)))
    problems.push("locked_field_changed");
  if (filled.length > 0 && permission === undefined) problems.push("forms_filled");
  if (annotated) problems.push(permission === 3 ? "annotated_after_signing" : "changed_after_signing");
  if (shown) problems.push("shown_after_signing");
  return problems;
}
