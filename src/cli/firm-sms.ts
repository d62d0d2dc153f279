import { Command } from "commander";
import { isSupportedCountry } from "libphonenumber-js/max";
import { z } from "zod";
import type { FirmSettings } from "../actors/runtime/ports.ts";
import { CliFault } from "./fault.ts";
import { checkedOptions } from "./options.ts";
import { printResult } from "./print.ts";
import { withStore } from "./with-store.ts";

const all = "all";
const choices = z.strictObject({
  countries: z
    .string()
    .transform((text) => text.split(",").map((code) => code.trim().toUpperCase()))
    .refine((codes) => codes.every((code) => code === all.toUpperCase() || isSupportedCountry(code)), {
      message: "must be codes of two letters with commas between, such as FR,BE, or all",
    })
    .optional(),
  perDay: z.coerce.number().int().min(0).max(10_000_000).optional(),
});

export function firmSmsCommand(): Command {
  return new Command("sms")
    .description("choose to which countries the firm sends codes, and how many SMS in a day; or show it")
    .argument("<id>", "the firm's id")
    .option("--countries <codes>", "such as FR,BE,CH; all: wherever phones are")
    .option("--per-day <number>", "in one calendar day of Paris")
    .option("--json", "print one JSON object")
    .action(async (id: string, { json, ...options }: { json?: boolean }) => {
      const { countries, perDay } = checkedOptions(choices, options);
      const chosen = await withStore(({ together }) =>
        together(async ({ directory }) => {
          const firm = await directory.firm(id);
          if (!firm) throw new CliFault(`no firm has the id ${id}`);
          const settings = changed(firm.settings, countries, perDay);
          await directory.setSettings(id, settings);
          return settings;
        }),
      );
      const { smsCountries = [all], smsPerDay } = chosen;
      printResult({ id, smsCountries, ...(smsPerDay !== undefined && { smsPerDay }) }, json, [
        `Countries  ${smsCountries.join(", ")}`,
        `A day      ${smsPerDay ?? "as many as COLLECTE_SMS_PER_FIRM_PER_DAY"}`,
      ]);
    });
}

function changed(
  before: FirmSettings,
  countries: string[] | undefined,
  perDay: number | undefined,
): FirmSettings {
  const settings = { ...before, ...(perDay !== undefined && { smsPerDay: perDay }) };
  if (countries === undefined) return settings;
  if (!countries.includes(all.toUpperCase())) return { ...settings, smsCountries: countries };
  const { smsCountries: _none, ...open } = settings;
  return open;
}
