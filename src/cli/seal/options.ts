import { availableParallelism } from "node:os";
import { Command } from "commander";
import { z } from "zod";
import { sealReason } from "../../actors/effects/templates/seal.ts";
import { logoIn } from "../logo-file.ts";
import { placeOf } from "./visible.ts";

export const sealOptions = z
  .strictObject({
    out: z.string(),
    level: z.enum(["B-B", "B-T", "B-LT", "B-LTA"]).default("B-B"),
    jobs: z.coerce.number().int().min(1).max(64).default(availableParallelism()),
    visible: z.string().transform(placeOf).optional(),
    logo: z.string().transform(logoIn).optional(),
    certify: z.boolean().default(false),
    lock: z.boolean().default(false),
    reason: z.string().max(200).default(sealReason.fr),
    p12: z.string().optional(),
    passwordFile: z.string().optional(),
    key: z.string().optional(),
    certificate: z.string().optional(),
    firm: z.string().optional(),
    inspect: z.boolean().default(false),
    repair: z.boolean().default(false),
    force: z.boolean().default(false),
    json: z.boolean().default(false),
  })
  .refine(({ logo, visible }) => logo === undefined || visible !== undefined, {
    path: ["logo"],
    message: "shows only in a seal with --visible",
  });
export type SealOptions = z.output<typeof sealOptions>;

/** The command with its options; what it does is the caller's to say. */
export function describedSeal(): Command {
  return new Command("seal")
    .description("seal PDFs into a folder: each is read back and checked before it gets its name there")
    .argument("<files...>", "PDFs, folders of PDFs, or patterns")
    .requiredOption("--out <folder>", "where the sealed files go; made if it is missing")
    .option("--level <level>", "PAdES level: B-B (default), B-T, B-LT or B-LTA")
    .option("--visible <place>", "show the seal: page=1,left=60,bottom=80,width=180,height=60, or field=NAME")
    .option("--logo <file>", "a PNG or JPEG to show beside the name and the date; with --visible")
    .option("--certify", "certify: from then on only signatures and forms may be added; not on signed files")
    .option("--lock", "be the last: no field may be filled or signed any more")
    .option("--reason <text>", `what readers show as the reason (default: ${sealReason.fr})`)
    .option("--p12 <file>", "seal with the key of a PKCS#12 container, whose certificates lead to a root")
    .option("--key <file>", "or with a private key in PEM")
    .option("--certificate <file>", "the certificates of --key in PEM, up to a root")
    .option("--password-file <file>", "holds the password of --p12 or --key")
    .option("--firm <id>", "or with the seal of a firm of this engine; without any: with a test seal")
    .option("--repair", "write damaged files that nobody has signed anew, and seal that; each is told")
    .option("--inspect", "first look at each file as at an upload, and refuse what uploads may not be")
    .option("--jobs <n>", "threads (default: as many as this machine has cores)")
    .option("--force", "replace files that stand in the folder")
    .option("--json", "print a JSON object for each file, then one for all")
    .addHelpText("after", help);
}

const help = `
Boxes are in points (1/72 inch) from the lower left corner of the page as it is shown. Levels above B-B need a TSA: that
of the engine for --firm, TSA_URL and TSA_TRUST for a key of yours, the test authority's own for a test seal.

Use --inspect on files from strangers: it refuses scripts, hidden layers and the like, in limited processes of their own.

Exit code: 0 every file is sealed, 1 one failed (told by its code, see docs/errors.md; the rest is done), 130 interrupted.`;
