import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hrtime } from "node:process";

/** Keeps what arrived as a file that sorts by time; nothing that was kept before is ever overwritten. */
export async function keep(
  directory: string,
  ending: "eml" | "json",
  content: Buffer | string,
): Promise<void> {
  const time = new Date().toISOString().replace(/[:.]/g, "-");
  const file = join(directory, `${time}-${hrtime.bigint()}.${ending}`);
  await writeFile(file, content, { flag: "wx", mode: 0o600 });
}
