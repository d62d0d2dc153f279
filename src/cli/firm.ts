import { Command } from "commander";
import { z } from "zod";
import { email, line } from "../http/words.ts";
import { enrolSeal } from "../identity/enrolment.ts";
import { CliFault } from "./fault.ts";
import { firmSealCommand } from "./firm-seal.ts";
import { firmSmsCommand } from "./firm-sms.ts";
import { logoIn } from "./logo-file.ts";
import { checkedOptions } from "./options.ts";
import { printResult } from "./print.ts";
import { withStore } from "./with-store.ts";

const newFirm = z.strictObject({
  name: line(64),
  email,
  siren: z
    .string()
    .regex(/^\d{9}$/, "must be nine figures")
    .optional(),
  country: z.string().regex(/^[A-Z]{2}$/, "must be two capital letters, such as FR"),
});

/** A name that no mail server takes (RFC 6761, 6.4). */
const nobody = "nobody@cabinet.invalid";

export function firmCommand(): Command {
  const firm = new Command("firm").description("firms that use the engine");
  firm
    .command("create")
    .description("make a firm with its seal and an API key, which is shown this once")
    .requiredOption("--name <name>", "the firm's name, as its seal shows it")
    .option("--email <address>", "who is told of refusals and expiries", nobody)
    .option("--siren <number>", "the firm's number in the national register, nine figures, for its seal")
    .option("--country <code>", "in which country national phone numbers are read", "FR")
    .option("--json", "print one JSON object")
    .action(async ({ json, ...options }: { json?: boolean }) => {
      const { siren, ...created } = checkedOptions(newFirm, options);
      if (created.email === nobody)
        process.stderr.write("no --email: nobody will be told of refusals, expiries and failures\n");
      await withStore(async ({ together }, clock, { baseUrl }) => {
        const { added, apiKey } = await together(async ({ directory, keyring }) => {
          const firm = await directory.addFirm(created);
          await enrolSeal(keyring, clock, firm, siren, baseUrl);
          return { added: firm, apiKey: (await directory.addApiKey(firm.id)).apiKey };
        });
        printResult({ id: added.id, name: added.name, apiKey }, json, [
          `Firm      ${added.name}`,
          `Id        ${added.id}`,
          `API key   ${apiKey}   (kept only as a hash: note it now)`,
        ]);
      });
    });
  firm
    .command("allow-embedded-files <id>")
    .description("take the firm's PDFs with files embedded in them, as Factur-X invoices have")
    .option("--forbid", "refuse them again")
    .option("--json", "print one JSON object")
    .action(async (id: string, { forbid = false, json }: { forbid?: boolean; json?: boolean }) => {
      await withStore(async ({ directory }) => {
        if (!(await directory.allowEmbeddedFiles(id, !forbid)))
          throw new CliFault(`no firm has the id ${id}`);
        const allowsEmbeddedFiles = !forbid;
        printResult({ id, allowsEmbeddedFiles }, json, [
          `Embedded files are ${allowsEmbeddedFiles ? "taken" : "refused"}, within 5 seconds.`,
        ]);
      });
    });
  firm
    .command("logo")
    .description("show this image beside the lines of the firm's visible signatures")
    .requiredOption("--firm <id>", "the firm's id")
    .argument("<file>", "a PNG or a JPEG of at most 256 KiB and a million pixels")
    .action(async (file: string, { firm: id }: { firm: string }) => {
      const image = logoIn(file);
      await withStore(async ({ directory, logos }) => {
        if (!(await directory.firm(id))) throw new CliFault(`--firm: there is no firm ${id}`);
        await logos.put(id, image);
      });
    });
  return firm.addCommand(firmSealCommand()).addCommand(firmSmsCommand());
}
