import { Command } from "commander";
import { commands } from "./commands.ts";
import { saidOf } from "./fault.ts";

// What the engine writes tells of people: it is for its own user only.
process.umask(0o077);
// Of its support for this Node, which is ours to follow, the library for S3 would warn at each start (docs/operating.md).
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";

const program = new Command("collecte")
  .description("Collects electronic signatures for accountancy firms")
  .showSuggestionAfterError();

try {
  const asked = process.argv[2] ?? "";
  const names = Object.hasOwn(commands, asked) ? [asked] : Object.keys(commands);
  for (const command of await Promise.all(names.map((name) => commands[name]?.())))
    if (command) program.addCommand(command);
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${saidOf(error)}\n`);
  process.exitCode = 1;
}
