import type { RouteConfig } from "@asteasolutions/zod-to-openapi";
import { z } from "zod";
import { minimalAnswer } from "./answers/collecte.ts";
import { problems } from "./problems.ts";
import type { Route } from "./route.ts";

export const binary = z.string().meta({ type: "string", format: "binary" });

export const problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.enum(Object.keys(problems) as [string, ...string[]]),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), code: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: "Problem" });

const waits = z
  .object({ id: z.string(), status: z.literal("accepted"), commandId: z.string() })
  .meta({ id: "Waits" });

/** Every answer that a route gives, but for what no route is asked about: 405 and the like are problems too. */
export function responsesOf(route: Route): RouteConfig["responses"] {
  const { answer, prefer } = route;
  const told = answerHeaders(route);
  const headers = z.object(told);
  const content = contentOf(route);
  const json = (schema: z.ZodType) => ({ "application/json": { schema } });
  return {
    [answer.status]: { description: answer.description, ...(content && { content }), headers },
    ...Object.fromEntries(
      Object.entries(answer.also ?? {}).map(([status, schema]) => [
        status,
        { description: answer.description, content: json(schema), headers },
      ]),
    ),
    ...(answer.ranges && {
      206: { description: "The part that Range asks for", content: content ?? {}, headers },
    }),
    ...(answer.etag === "kept" && { 304: { description: "If-None-Match has its ETag", headers } }),
    ...(prefer?.includes("return") && {
      202: {
        description: "It is durable, and nobody has decided it yet: Location tells later what became of it",
        headers: z.object({ ...told, Location: z.string(), ETag: z.string().optional() }),
        content: json(waits),
      },
    }),
    default: {
      description: "A problem (RFC 9457)",
      content: { "application/problem+json": { schema: problem } },
    },
  };
}

function contentOf({ answer, prefer }: Route) {
  const { status, file, orFile, schema = z.looseObject({}) } = answer;
  if (status === 204 || status === 303) return undefined;
  if (file) return { [file]: { schema: binary }, ...(orFile && { [orFile]: { schema: binary } }) };
  const isShort = prefer?.includes("return");
  return {
    "application/json": { schema: isShort ? z.union([schema, minimalAnswer]) : schema },
    ...(orFile && { [orFile]: { schema: binary } }),
  };
}

function answerHeaders({ answer, method, prefer, operationId }: Route): Record<string, z.ZodType> {
  const isOfOne = method !== "get" && operationId !== "sendCommands";
  return {
    ...(answer.etag && { ETag: z.string() }),
    ...(answer.location && { Location: z.string() }),
    ...(prefer && {
      "Preference-Applied": z.string().optional().meta({ description: "The wishes that were granted" }),
      ...(isOfOne && {
        "Command-Id": z.string().meta({ description: "For GET /v1/commands/{id}; problems have it too" }),
      }),
    }),
  };
}
