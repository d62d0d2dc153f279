const longestPauseMs = 3_600_000;

/** RFC 9110, section 10.2.3: seconds or a date. A lying server can't stop us for more than an hour. */
export function pauseIn(retryAfter: string | null | undefined): number | undefined {
  if (!retryAfter) return undefined;
  const pause = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isNaN(pause) ? undefined : Math.min(Math.max(pause, 0), longestPauseMs);
}
