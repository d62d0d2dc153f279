import type { Load } from "./http-load.ts";

export interface Figures {
  name: string;
  commands: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

export function figuresOf(
  name: string,
  commands: number,
  { seconds, waits }: Pick<Load, "seconds" | "waits">,
): Figures {
  const quantile = (q: number) => Math.round((waits[Math.floor(q * (waits.length - 1))] ?? 0) * 100) / 100;
  return {
    name,
    commands,
    perSecond: Math.round(commands / seconds),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  };
}
