import { z } from "zod";
import type { ApiKey } from "../actors/runtime/ports.ts";
import { scopeNames } from "../actors/runtime/scopes.ts";
import { keyAnswer, keyList, newKeyAnswer } from "./answers/people.ts";
import type { Door } from "./door.ts";
import { iso } from "./instants.ts";
import { Problem } from "./problem.ts";
import { idIn, type Route } from "./route.ts";
import { makingOf } from "./staff-answers.ts";
import { checked, strict } from "./validation.ts";
import { line } from "./words.ts";

const keys = "/v1/keys";

const newKey = strict({
  name: line(100),
  scopes: z
    .array(z.enum(scopeNames))
    .min(1)
    .max(scopeNames.length)
    .transform((scopes) => [...new Set(scopes)]),
});

/** The API keys of a firm. */
export function keyRoutes(door: Door): Route[] {
  return [
    {
      method: "get",
      path: keys,
      operationId: "listKeys",
      summary: "List API keys, those that were revoked as well; never the keys themselves",
      access: "firm",
      scope: "keys",
      expertsOnly: true,
      answer: { status: 200, description: "{items}", schema: keyList },
      handle: async (_request, response, { firm }) => {
        response.json({ items: (await door.keys.list(firm.id)).map(shown) });
      },
    },
    {
      method: "post",
      path: keys,
      operationId: "addKey",
      summary: "Make an API key with these scopes, which is shown this once",
      access: "firm",
      scope: "keys",
      expertsOnly: true,
      body: newKey,
      answer: {
        status: 201,
        description: "{id, name, scopes, apiKey, …}",
        schema: newKeyAnswer,
        location: true,
      },
      handle: async (request, response, { firm, scopes }) => {
        const given = checked(newKey, request.body);
        // A key gives nothing that it has not.
        const missing = given.scopes.find((scope) => scopes && !scopes.includes(scope));
        if (missing) throw new Problem("scope_missing", { facts: { scope: missing } });
        const { key, apiKey } = await door.keys.add(firm.id, makingOf(door, request, firm.id, "key"), given);
        response.setHeader("Location", `${keys}/${key.id}`);
        response.status(201).json({ ...shown(key), ...(apiKey !== undefined && { apiKey }) });
      },
    },
    {
      method: "get",
      path: `${keys}/{id}`,
      operationId: "readKey",
      summary: "Read what is known of an API key",
      access: "firm",
      scope: "keys",
      expertsOnly: true,
      answer: { status: 200, description: "{id, name, scopes, …}", schema: keyAnswer },
      handle: async (request, response, { firm }) => {
        const key = await door.keys.find(firm.id, idIn(request));
        if (!key) throw new Problem("not_found");
        response.json(shown(key));
      },
    },
    {
      method: "delete",
      path: `${keys}/{id}`,
      operationId: "revokeKey",
      summary: "Revoke an API key: within 5 seconds it opens nothing more",
      access: "firm",
      scope: "keys",
      expertsOnly: true,
      answer: { status: 200, description: "The key, which was revoked", schema: keyAnswer },
      handle: async (request, response, { firm }) => {
        const key = await door.keys.revoke(firm.id, idIn(request));
        if (!key) throw new Problem("not_found");
        response.json(shown(key));
      },
    },
  ];
}

function shown({ createdAt, usedAt, revokedAt, ...key }: ApiKey) {
  return {
    ...key,
    createdAt: iso(createdAt),
    ...(usedAt !== undefined && { usedAt: iso(usedAt) }),
    ...(revokedAt !== undefined && { revokedAt: iso(revokedAt) }),
  };
}
