import type { PadesLevel } from "./levels.ts";
import type { Collecte } from "./state.ts";

/** What the signature that is made now is to have. */
export function levelNow(state: Collecte): PadesLevel {
  const level = state.level ?? "B-B";
  return isLastSignature(state) || level === "B-B" ? level : "B-T";
}

/**
 * Whether one signature or seal is all that is left to be made. The evidence of B-LT and B-LTA is for all signatures of
 * a document, so it comes with the last one: those before it have their timestamps, and no revision is spent on them.
 */
export function isLastSignature({ steps, currentStep, signatories }: Collecte): boolean {
  const left = steps
    .slice(currentStep)
    .map((step) =>
      "seal" in step ? 1 : step.signatories.filter((id) => signatories[id]?.status !== "signed").length,
    );
  return left.reduce((sum, each) => sum + each, 0) === 1;
}
