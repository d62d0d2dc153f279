import type { Load } from "./http-load.ts";

export interface Figures {
  name: string;
  commands: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** `waits` in any order. */
export function figuresOf(
  name: string,
  commands: number,
  { seconds, waits }: Pick<Load, "seconds" | "waits">,
): Figures {
  const sorted = [...waits].sort((one, other) => one - other);
  const quantile = (q: number) => Math.round((sorted[Math.floor(q * (sorted.length - 1))] ?? 0) * 100) / 100;
  return {
    name,
    commands,
    perSecond: Math.round(commands / seconds),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  };
}
