const minute = 60_000;
const hour = 60 * minute;

/** A code may be used for 30 minutes: from its issue, up to and not including the 30th minute. */
export const otpLifeMs = 30 * minute;

/** Of a firm that wants its codes strict: 10 minutes, counted the same. */
export const strictOtpLifeMs = 10 * minute;

export function lifeOfOtp({ isStrict = false }: { isStrict?: boolean }): number {
  return isStrict ? strictOtpLifeMs : otpLifeMs;
}

export const otpTries = 5;
export const otpsPerWindow = 3;
export const otpWindowMs = 30 * minute;
export const otpPauseMs = 60_000;
export const otpFailuresBeforeLock = 10;
export const otpFailureWindowMs = 24 * hour;
