import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from "@asteasolutions/zod-to-openapi";
import { z } from "zod";
import { problems } from "./problems.ts";
import type { Route } from "./route.ts";

const pdf = z.string().meta({ type: "string", format: "binary" });

const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.enum(Object.keys(problems) as [string, ...string[]]),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), code: z.string(), detail: z.string() })).optional(),
});

/** `GET /v1/openapi.json`: made of the schemas that check the requests. */
export function openApiRoute(routes: Route[], baseUrl: string): Route {
  let text: string | undefined;
  return {
    method: "get",
    path: "/v1/openapi.json",
    operationId: "readOpenApi",
    summary: "This description",
    access: "open",
    answer: { status: 200, description: "OpenAPI 3.1" },
    handle: async (_request, response) => {
      text ??= JSON.stringify(openApi(routes, baseUrl));
      response.type("application/json").send(text);
    },
  };
}

function openApi(routes: Route[], baseUrl: string) {
  const registry = new OpenAPIRegistry();
  registry.registerComponent("securitySchemes", "firm", { type: "http", scheme: "bearer" });
  registry.registerComponent("securitySchemes", "session", { type: "http", scheme: "bearer" });
  for (const route of routes) registry.registerPath(described(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: "3.1.0",
    info: { title: "Collecte", version: "1", description: "Problems are explained in docs/errors.md." },
    servers: [{ url: baseUrl }],
  });
}

function described(route: Route): RouteConfig {
  const { access, answer, body } = route;
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
  const params = z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
  const content = answer.pdf
    ? { "application/pdf": { schema: pdf } }
    : { "application/json": { schema: z.looseObject({}) } };
  return {
    method: route.method,
    path: route.path,
    operationId: route.operationId,
    summary: route.summary,
    ...((access === "firm" || access === "session") && { security: [{ [access]: [] }] }),
    request: {
      ...(names.length > 0 && { params }),
      ...(route.query && { query: route.query as z.ZodObject }),
      ...(access === "firm" &&
        route.method === "post" && {
          headers: z.object({ "Idempotency-Key": z.string().max(255).optional() }),
        }),
      ...(body === "pdf" && { body: { content: { "application/pdf": { schema: pdf } }, required: true } }),
      ...(body &&
        body !== "pdf" && { body: { content: { "application/json": { schema: body } }, required: true } }),
    },
    responses: {
      [answer.status]: { description: answer.description, content },
      default: {
        description: "A problem (RFC 9457)",
        content: { "application/problem+json": { schema: problem } },
      },
    },
  };
}
