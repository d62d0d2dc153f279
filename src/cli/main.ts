import { Command } from "commander";
import { saidOf } from "./fault.ts";

// What the engine writes tells of people: it is for its own user only.
process.umask(0o077);
// Of its support for this Node, which is ours to follow, the library for S3 would warn at each start (docs/operating.md).
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";

/** Loaded when they are asked for: most need a part of the engine only, and all of it takes a second to load. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import("./serve.ts")).serveCommand(),
  demo: async () => (await import("./demo/command.ts")).demoCommand(),
  firm: async () => (await import("./firm.ts")).firmCommand(),
  member: async () => (await import("./member.ts")).memberCommand(),
  key: async () => (await import("./key.ts")).keyCommand(),
  authority: async () => (await import("./authority/command.ts")).authorityCommand(),
  certificate: async () => (await import("./certificate.ts")).certificateCommand(),
  record: async () => (await import("./record.ts")).recordCommand(),
  retention: async () => (await import("./retention.ts")).retentionCommand(),
  root: async () => (await import("./root.ts")).rootCommand(),
  seal: async () => (await import("./seal/command.ts")).sealCommand(),
  stuck: async () => (await import("./stuck.ts")).stuckCommand(),
  verify: async () => (await import("./verify.ts")).verifyCommand(),
  "verify-evidence": async () => (await import("./verify-evidence.ts")).verifyEvidenceCommand(),
};

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
