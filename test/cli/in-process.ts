import { Command } from "commander";
import { authorityCommand } from "../../src/cli/authority/command.ts";
import { saidOf } from "../../src/cli/fault.ts";
import { firmCommand } from "../../src/cli/firm.ts";
import { keyCommand } from "../../src/cli/key.ts";
import { memberCommand } from "../../src/cli/member.ts";
import { rootCommand } from "../../src/cli/root.ts";
import { sealCommand } from "../../src/cli/seal/command.ts";
import { verifyCommand } from "../../src/cli/verify.ts";
import type { Ran } from "../support/programs.ts";

const commands = [
  ...[authorityCommand, firmCommand, keyCommand, memberCommand],
  ...[rootCommand, sealCommand, verifyCommand],
];

/** Runs one command of `collecte` in this process: a start of its own costs a second each. One at a time. */
export async function collecteHere(dataFolder: string, ...args: string[]): Promise<Ran> {
  const program = new Command("collecte").exitOverride();
  for (const command of commands) program.addCommand(command());
  const before = process.env["COLLECTE_DATA"];
  process.env["COLLECTE_DATA"] = dataFolder;
  const [stdout, stderr] = [caught(process.stdout), caught(process.stderr)];
  try {
    await program.parseAsync(args, { from: "user" });
    return { status: Number(process.exitCode ?? 0), stdout: stdout.text(), stderr: stderr.text() };
  } catch (error) {
    return { status: 1, stdout: stdout.text(), stderr: stderr.text() + saidOf(error) };
  } finally {
    stdout.release();
    stderr.release();
    process.exitCode = undefined;
    if (before === undefined) delete process.env["COLLECTE_DATA"];
    else process.env["COLLECTE_DATA"] = before;
  }
}

function caught(stream: NodeJS.WriteStream) {
  const { write } = stream;
  const written: string[] = [];
  stream.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  return {
    text: () => written.join(""),
    release() {
      stream.write = write;
    },
  };
}
