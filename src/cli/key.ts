import { Command } from "commander";
import { z } from "zod";
import { newId } from "../actors/runtime/ids.ts";
import type { ApiKey } from "../actors/runtime/ports.ts";
import { scopeNames } from "../actors/runtime/scopes.ts";
import { line } from "../http/words.ts";
import { CliFault } from "./fault.ts";
import { checkedOptions } from "./options.ts";
import { printResult } from "./print.ts";
import { withStore } from "./with-store.ts";

const newKey = z.strictObject({
  firm: z.string().min(1),
  name: line(100),
  scope: z.array(z.enum(scopeNames)).optional(),
});

interface Of {
  firm: string;
  json?: boolean;
}

export function keyCommand(): Command {
  const key = new Command("key").description("the API keys of a firm");
  key
    .command("create")
    .description("make an API key, which is shown this once")
    .requiredOption("--firm <id>", "the firm's id")
    .requiredOption("--name <name>", "what it is for")
    .option("--scope <scope...>", `what it may do: ${scopeNames.join(", ")}; everything unless said`)
    .option("--json", "print one JSON object")
    .action(async ({ json, ...options }: Of) => {
      const { firm, name, scope: scopes = scopeNames } = checkedOptions(newKey, options);
      await withStore(async ({ directory, keys }, clock) => {
        if (!(await directory.firm(firm))) throw new CliFault(`--firm: there is no firm ${firm}`);
        const id = newId("key", clock.now());
        const { apiKey } = await keys.add(firm, { id }, { name, scopes });
        printResult({ id, name, scopes, apiKey }, json, [
          `Id        ${id}`,
          `Scopes    ${scopes.join(", ")}`,
          `API key   ${apiKey}   (kept only as a hash: note it now)`,
        ]);
      });
    });
  key
    .command("list")
    .description("list keys, with when they were used last; never the keys themselves")
    .requiredOption("--firm <id>", "the firm's id")
    .option("--json", "print one JSON object")
    .action(async ({ firm, json }: Of) => {
      await withStore(async ({ keys }) => {
        const items = (await keys.list(firm)).map(shown);
        printResult({ items }, json, items.map(lineOf));
      });
    });
  key
    .command("revoke")
    .description("revoke a key: within 5 seconds it opens nothing more")
    .requiredOption("--firm <id>", "the firm's id")
    .requiredOption("--id <id>", "the key's id")
    .option("--json", "print one JSON object")
    .action(async ({ firm, id, json }: Of & { id: string }) => {
      await withStore(async ({ keys }) => {
        const revoked = await keys.revoke(firm, id);
        if (!revoked) throw new CliFault(`--id: the firm ${firm} has no key ${id}`);
        printResult(shown(revoked), json, [`Revoked   ${id}`]);
      });
    });
  return key;
}

const dated = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

function shown({ id, name, scopes, createdAt, usedAt, revokedAt }: ApiKey) {
  const times = { createdAt: dated(createdAt), usedAt: dated(usedAt), revokedAt: dated(revokedAt) };
  return { id, name, scopes, ...times };
}

function lineOf({ id, name, scopes, usedAt, revokedAt }: ReturnType<typeof shown>): string {
  const use = revokedAt ? `revoked ${revokedAt}` : `used ${usedAt ?? "never"}`;
  return `${id}  ${name || "(no name)"}  ${use}  ${scopes.join(" ")}`;
}
