import { Command } from "commander";
import { authorityCommand } from "../../src/cli/authority/command.ts";
import { saidOf } from "../../src/cli/fault.ts";
import { firmCommand } from "../../src/cli/firm.ts";
import { memberCommand } from "../../src/cli/member.ts";
import { rootCommand } from "../../src/cli/root.ts";
import type { Ran } from "../support/programs.ts";

/** Runs one command of `collecte` in this process: a start of its own costs a second each. One at a time. */
export async function collecteHere(dataFolder: string, ...args: string[]): Promise<Ran> {
  const program = new Command("collecte").exitOverride();
  for (const command of [authorityCommand(), firmCommand(), memberCommand(), rootCommand()])
    program.addCommand(command);
  const { write } = process.stdout;
  const before = process.env["COLLECTE_DATA"];
  const written: string[] = [];
  process.env["COLLECTE_DATA"] = dataFolder;
  process.stdout.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  try {
    await program.parseAsync(args, { from: "user" });
    return { status: 0, stdout: written.join(""), stderr: "" };
  } catch (error) {
    return { status: 1, stdout: written.join(""), stderr: saidOf(error) };
  } finally {
    process.stdout.write = write;
    if (before === undefined) delete process.env["COLLECTE_DATA"];
    else process.env["COLLECTE_DATA"] = before;
  }
}
