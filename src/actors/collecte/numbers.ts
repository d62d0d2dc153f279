const day = 24 * 3_600_000;

/** A draft that nobody has touched for 90 days is given up, unless the firm says otherwise. */
export const draftDays = 90;

/** A collecte expires 15 days after its launch: 15 × 24 hours, whatever the clocks on walls do. */
export const collecteLifeMs = 15 * day;

/** A reminder prolongs the deadline that there is now by 15 days. */
export const prolongationMs = 15 * day;

/** Documents are kept for 1 month after the end. */
export const retentionMonths = 1;

/** Evidence files are kept for 5 years, unless the firm says otherwise. */
export const evidenceYears = 5;

/** The preparer is told 7 days before the purge that documents have not left yet. */
export const purgeWarningMs = 7 * day;

/** How many accesses are remembered, so as not to record one twice. */
export const accessesKept = 100;

export const dayMs = day;

export * from "../otp/numbers.ts";
