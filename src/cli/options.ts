import type { z } from "zod";
import { CliFault } from "./fault.ts";

/** The options of a command, checked; throws a `CliFault` that names every fault by its flag. */
export function checkedOptions<T extends z.ZodType>(schema: T, options: unknown): z.output<T> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${flagOf(path.join("-"))}: ${message}`);
  throw new CliFault(faults.join("\n"));
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
