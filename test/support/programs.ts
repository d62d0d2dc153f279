import { execFile, spawnSync } from "node:child_process";
import type { Context } from "mocha";

/**
 * Skips the test, loudly, when a program is not on this machine; fails it when CI is "true", where all of them are
 * installed.
 */
export function needProgram(test: Context, name: string): void {
  const { error } = spawnSync(name, ["--version"], { stdio: "ignore" });
  if (!error) return;
  if (process.env["CI"] === "true") throw new Error(`${name} is not installed, and CI must test with it`);
  console.warn(`SKIPPED: ${name} is not installed: ${test.test?.fullTitle() ?? ""}`);
  test.skip();
}

export interface Ran {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; a status other than 0 is an answer, not an error. */
export function ran(
  name: string,
  args: string[],
  options: { env?: Record<string, string | undefined>; input?: string; cwd?: string } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...options.env };
    const child = execFile(
      name,
      args,
      { env, maxBuffer: 64 * 1024 * 1024, ...(options.cwd !== undefined && { cwd: options.cwd }) },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== "number") reject(error);
        else resolve({ status: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
    child.stdin?.end(options.input);
  });
}
