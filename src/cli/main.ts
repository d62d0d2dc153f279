import { Command } from "commander";
import { authorityCommand } from "./authority/command.ts";
import { certificateCommand } from "./certificate.ts";
import { demoCommand } from "./demo/command.ts";
import { saidOf } from "./fault.ts";
import { firmCommand } from "./firm.ts";
import { keyCommand } from "./key.ts";
import { memberCommand } from "./member.ts";
import { rootCommand } from "./root.ts";
import { sealCommand } from "./seal/command.ts";
import { serveCommand } from "./serve.ts";
import { stuckCommand } from "./stuck.ts";
import { verifyCommand } from "./verify.ts";

// What the engine writes tells of people: it is for its own user only.
process.umask(0o077);

const program = new Command("collecte")
  .description("Collects electronic signatures for accountancy firms")
  .showSuggestionAfterError()
  .addCommand(serveCommand())
  .addCommand(demoCommand())
  .addCommand(firmCommand())
  .addCommand(memberCommand())
  .addCommand(keyCommand())
  .addCommand(authorityCommand())
  .addCommand(certificateCommand())
  .addCommand(rootCommand())
  .addCommand(sealCommand())
  .addCommand(stuckCommand())
  .addCommand(verifyCommand());

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${saidOf(error)}\n`);
  process.exitCode = 1;
}
