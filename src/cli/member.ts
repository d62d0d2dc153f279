import { Command } from "commander";
import { z } from "zod";
import { readPhone } from "../http/phone.ts";
import { email, line } from "../http/words.ts";
import { enrolMember } from "../identity/enrolment.ts";
import { CliFault } from "./fault.ts";
import { addCertificateCommands, refuseKnownEmail } from "./member-certificate.ts";
import { checkedOptions } from "./options.ts";
import { printResult } from "./print.ts";
import { withStore } from "./with-store.ts";

const newMember = z.strictObject({
  firm: z.string().min(1),
  firstName: line(100),
  lastName: line(100),
  email,
  phone: z.string().min(1),
  role: z.enum(["expert", "collaborator"]),
  rollNumber: z
    .string()
    .regex(/^[0-9A-Z]{4,20}$/, "must be 4 to 20 figures or capital letters")
    .optional(),
});

export function memberCommand(): Command {
  const member = new Command("member").description("the experts and collaborators of a firm");
  member
    .command("create")
    .description("add a member, with a certificate of their own")
    .requiredOption("--firm <id>", "the firm's id")
    .requiredOption("--first-name <name>")
    .requiredOption("--last-name <name>")
    .requiredOption("--email <address>")
    .requiredOption("--phone <number>", "a mobile, such as +33612345678")
    .option(
      "--role <role>",
      "expert: every right in their firm; collaborator: what experts give them",
      "expert",
    )
    .option("--roll-number <number>", "an expert's, on the roll of the Order")
    .option("--json", "print one JSON object")
    .action(async ({ json, ...options }: { json?: boolean }) => {
      const { firm: firmId, phone, rollNumber, ...person } = checkedOptions(newMember, options);
      await withStore(async (store, clock, { baseUrl }) => {
        const firm = await store.directory.firm(firmId);
        if (!firm) throw new CliFault(`--firm: there is no firm ${firmId}`);
        const reading = readPhone(phone, firm.country);
        if (!reading.ok)
          throw new CliFault(`--phone: ${reading.code}: give a mobile number, such as +33612345678`);
        await refuseKnownEmail(store, firmId, person.email);
        const added = await store.together(async ({ directory, keyring }) => {
          const one = await directory.addMember({
            ...{ firmId, phone: reading.e164, ...person },
            ...(rollNumber !== undefined && { rollNumber }),
          });
          await enrolMember(keyring, clock, firm, one, baseUrl);
          return one;
        });
        const name = `${added.firstName} ${added.lastName}`;
        printResult({ id: added.id, firm: firmId, name }, json, [
          `Member    ${name}`,
          `Id        ${added.id}`,
        ]);
      });
    });
  return addCertificateCommands(member);
}
