import { isUtf8 } from "node:buffer";
import express, { type Express, type RequestHandler } from "express";
import { firmCaller, reader, refuseUnfit } from "./callers.ts";
import type { Door } from "./door.ts";
import { answerFailures } from "./failures.ts";
import { secureHeaders } from "./headers.ts";
import { createLimiters, type Limiters } from "./limits.ts";
import { openApiRoute } from "./openapi.ts";
import { pageRoutes } from "./pages.ts";
import { Problem } from "./problem.ts";
import { publicationRoutes } from "./publication.ts";
import type { FirmCaller, MemberCaller, Reader, Route } from "./route.ts";
import { apiRoutes } from "./routes.ts";

const usualJsonBytes = 256 * 1024;
const ocspBytes = 16 * 1024;
/** Every visible signature holds its image: a large one makes every document large. */
const imageBytes = 256 * 1024;
const receiptBytes = 256 * 1024;

function json(limit: number): RequestHandler {
  return express.json({ ...jsonReading, limit });
}

const jsonReading: Parameters<typeof express.json>[0] = {
  type: "application/json",
  // Other encodings would be read with the wrong letters, and names go into certificates (RFC 8259, 8.1).
  verify(_request, _response, body, encoding) {
    if (encoding !== "utf-8" || !isUtf8(body)) throw new Error("the body is not UTF-8");
  },
};

/** The engine's HTTP face; it listens nowhere until it is told to. `more` are routes beside the engine's own. */
export function createApp(door: Door, more: Route[] = []): Express {
  const api = [...apiRoutes(door), ...more];
  const pages = pageRoutes();
  const told = publicationRoutes(door);
  const routes = [...api, ...told, ...pages, openApiRoute(api, door.settings.baseUrl)];
  const limiters = createLimiters(door.settings.rateLimits);
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.set("query parser", "simple");
  app.set("trust proxy", door.settings.trustedProxies ?? false);
  app.use(secureHeaders(new Set(pages.map(({ path }) => path))));
  for (const route of routes) {
    app[route.method](
      expressPath(route.path),
      ...gates(door, route, limiters),
      ...bodyReaders(route),
      guarded(route, limiters),
    );
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    app.all(expressPath(path), refuseMethod(allowed(routes, path)));
  }
  app.use(() => {
    throw new Problem("not_found");
  });
  app.use(answerFailures(door.log));
  return app;
}

function expressPath(path: string): string {
  return path.replaceAll("{", ":").replaceAll("}", "");
}

/** Who calls, then how often; nothing of the body is read before. */
function gates(door: Door, route: Route, limiters: Limiters): RequestHandler[] {
  switch (route.access) {
    case "firm":
    case "member":
      return [
        async (request, response, next) => {
          response.locals["caller"] = await limiters.login(request, () => firmCaller(door, request));
          next();
        },
        limiters.key,
        (_request, response, next) => {
          refuseUnfit(route, response.locals["caller"] as FirmCaller);
          next();
        },
      ];
    case "session":
      return [
        async (request, response, next) => {
          response.locals["reader"] = await limiters.login(request, () => reader(door, request));
          next();
        },
        limiters.signatory,
      ];
    case "link":
      return [limiters.ip];
    case "public":
      return [limiters.publication];
    case "open":
      // Whoever has shown too many wrong secrets is not even read.
      return route.body === "receipt"
        ? [(request, _response, next) => limiters.login(request, async () => next())]
        : [];
  }
}

const changing: ReadonlySet<Route["method"]> = new Set(["post", "put", "patch"]);

function bodyReaders(route: Route): RequestHandler[] {
  if (route.body === "ocsp") return [express.raw({ type: "application/ocsp-request", limit: ocspBytes })];
  if (route.body === "image")
    return [express.raw({ type: ["image/png", "image/jpeg"], limit: imageBytes, inflate: false })];
  // As it came: its signature covers the bytes, and each gateway has a content type of its own.
  if (route.body === "receipt")
    return [express.raw({ type: () => true, limit: receiptBytes, inflate: false })];
  const isStreamed = route.body === "pdf" || route.body === "spreadsheet";
  return changing.has(route.method) && !isStreamed
    ? [refuseOtherTypes, json(route.maxJsonBytes ?? usualJsonBytes)]
    : [];
}

const refuseOtherTypes: RequestHandler = (request, _response, next) => {
  // False: a body of another type. Null: no body.
  if (request.is("application/json") === false && request.get("Content-Length") !== "0") {
    throw new Problem("unsupported_media_type");
  }
  next();
};

/** A receipt shows its secret in its body or beside it, so only its handler knows of a wrong one. */
function guarded(route: Route, limiters: Limiters): RequestHandler {
  const handle = handler(route);
  return route.body === "receipt"
    ? (request, response, next) => limiters.login(request, async () => handle(request, response, next))
    : handle;
}

function handler(route: Route): RequestHandler {
  switch (route.access) {
    case "firm":
      return (request, response) => route.handle(request, response, response.locals["caller"] as FirmCaller);
    case "member":
      return (request, response) =>
        route.handle(request, response, response.locals["caller"] as MemberCaller);
    case "session":
      return (request, response) => route.handle(request, response, response.locals["reader"] as Reader);
    default:
      return (request, response) => route.handle(request, response);
  }
}

function allowed(routes: Route[], path: string): string {
  const methods = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase());
  return (methods.includes("GET") ? [...methods, "HEAD"] : methods).join(", ");
}

function refuseMethod(allow: string): RequestHandler {
  return () => {
    throw new Problem("method_not_allowed", { headers: { Allow: allow } });
  };
}
