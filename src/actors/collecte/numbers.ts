const day = 24 * 3_600_000;

/** A collecte expires 15 days after its launch: 15 × 24 hours, whatever the clocks on walls do. */
export const collecteLifeMs = 15 * day;

export * from "../otp/numbers.ts";
