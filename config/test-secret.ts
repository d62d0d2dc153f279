import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SettingsFault } from "./settings-fault.ts";

/** Test mode keeps its secret between starts, or a restart could read nothing of what it wrote. */
export function testSecret(dataFolder: string): Buffer {
  const file = join(dataFolder, "test-mode-secret");
  if (!existsSync(file)) makeTestSecret(dataFolder, file);
  const kept = Buffer.from(readFileSync(file, "utf8").trim(), "hex");
  if (kept.length === 32) return kept;
  throw new SettingsFault([
    `${file}: damaged: what was encrypted under it can't be read; remove the data folder`,
  ]);
}

/** Whole or not at all, and the first one stays: half a secret, or two, would lock the data folder for ever. */
function makeTestSecret(dataFolder: string, file: string): void {
  mkdirSync(dataFolder, { recursive: true });
  const own = `${file}.${process.pid}`;
  writeFileSync(own, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(own, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(own, { force: true });
  }
}
