import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from "@asteasolutions/zod-to-openapi";
import { z } from "zod";
import { binary, responsesOf } from "./openapi-responses.ts";
import type { Route } from "./route.ts";

/** Its form is OpenAPI's own. */
const openApiAnswer = z.looseObject({ openapi: z.literal("3.1.0") });

const bodies = {
  pdf: ["application/pdf"],
  spreadsheet: ["application/octet-stream"],
  image: ["image/png", "image/jpeg"],
} as const;

/** `GET /v1/openapi.json`: made of the schemas that check the requests. */
export function openApiRoute(routes: Route[], baseUrl: string): Route {
  let text: string | undefined;
  return {
    method: "get",
    path: "/v1/openapi.json",
    operationId: "readOpenApi",
    summary: "This description",
    access: "open",
    answer: { status: 200, description: "OpenAPI 3.1", schema: openApiAnswer },
    handle: async (_request, response) => {
      text ??= JSON.stringify(openApi(routes, baseUrl));
      response.type("application/json").send(text);
    },
  };
}

function openApi(routes: Route[], baseUrl: string) {
  const registry = new OpenAPIRegistry();
  registry.registerComponent("securitySchemes", "firm", { type: "http", scheme: "bearer" });
  registry.registerComponent("securitySchemes", "member", { type: "http", scheme: "bearer" });
  registry.registerComponent("securitySchemes", "session", { type: "http", scheme: "bearer" });
  for (const route of routes) registry.registerPath(described(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: "3.1.0",
    info: { title: "Collecte", version: "1", description: "Problems are explained in docs/errors.md." },
    servers: [{ url: baseUrl }],
  });
}

function described(route: Route): RouteConfig {
  const { body } = route;
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
  const params = z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
  const headers = requestHeaders(route);
  return {
    method: route.method,
    path: route.path,
    operationId: route.operationId,
    summary: route.summary,
    ...securityOf(route),
    request: {
      ...(names.length > 0 && { params }),
      ...(route.query && { query: route.query as z.ZodObject }),
      ...(Object.keys(headers).length > 0 && { headers: z.object(headers) }),
      ...(typeof body === "string" &&
        body in bodies && {
          body: {
            content: Object.fromEntries(
              bodies[body as keyof typeof bodies].map((type) => [type, { schema: binary }]),
            ),
            required: true,
          },
        }),
      ...(body &&
        typeof body !== "string" && {
          body: { content: { "application/json": { schema: body } }, required: true },
        }),
    },
    responses: responsesOf(route),
  };
}

/** A session of a member opens what a key of their firm does. */
function securityOf({ access }: Route): Pick<RouteConfig, "security"> {
  if (access === "session") return { security: [{ session: [] }] };
  return access === "firm" || access === "member" ? { security: [{ firm: [] }, { member: [] }] } : {};
}

const wishes = {
  wait: "wait=N: wait up to N seconds (0 to 30) for a decision that another process makes",
  return: "return=minimal: answer with id and version only",
};

/** Every POST but those that say who calls, and each act on a collecte, whatever its method. */
function takesKey({ access, method, prefer }: Route): boolean {
  if (access !== "firm" && access !== "member" && access !== "session") return false;
  return method === "post" || (method !== "get" && prefer !== undefined);
}

function requestHeaders(route: Route): Record<string, z.ZodType> {
  const { access, prefer, ifMatch, answer } = route;
  const isOfFirm = access === "firm" || access === "member";
  return {
    ...(takesKey(route) && { "Idempotency-Key": z.string().max(255).optional() }),
    ...(isOfFirm && {
      "Acting-Member": z
        .string()
        .optional()
        .meta({ description: "For whom a program acts: needs a key with the scope act_for_members" }),
    }),
    ...(ifMatch && {
      "If-Match": z
        .string()
        .optional()
        .meta({ description: "The ETag that was read: 412 version_changed when it is another now" }),
    }),
    ...(answer.etag === "kept" && { "If-None-Match": z.string().optional() }),
    ...(answer.ranges && { Range: z.string().optional() }),
    ...(prefer && {
      Prefer: z
        .string()
        .optional()
        .meta({ description: `RFC 7240. ${prefer.map((wish) => wishes[wish]).join("; ")}.` }),
    }),
  };
}
