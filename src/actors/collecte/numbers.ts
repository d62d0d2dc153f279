const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** A collecte expires 15 days after its launch: 15 × 24 hours, whatever the clocks on walls do. */
export const collecteLifeMs = 15 * day;

/** A reminder prolongs the deadline that there is now by 15 days. */
export const prolongationMs = 15 * day;

/** Evidence files are kept for 5 years, unless the firm says otherwise. */
export const evidenceYears = 5;

/** The preparer is told 7 days before the purge that documents have not left yet. */
export const purgeWarningMs = 7 * day;

/** How many accesses are remembered, so as not to record one twice. */
export const accessesKept = 100;

export const dayMs = day;

/** A code may be used for 30 minutes: from its issue, up to and not including the 30th minute. */
export const otpLifeMs = 30 * minute;

export const otpTries = 5;
export const otpsPerWindow = 3;
export const otpWindowMs = 30 * minute;
export const otpPauseMs = 60_000;
export const otpFailuresBeforeLock = 10;
export const otpFailureWindowMs = 24 * hour;
