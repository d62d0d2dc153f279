import express, { type Express } from "express";
import type { Door } from "./door.ts";
import { answerFailures } from "./failures.ts";
import { secureHeaders } from "./headers.ts";
import { healthRoutes } from "./health.ts";
import { Problem } from "./problem.ts";

/** The face of a process that takes no requests: it only says how it is. */
export function createHealthApp(door: Pick<Door, "health" | "log">): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.use(secureHeaders(new Set()));
  for (const { path, handle } of healthRoutes(door)) {
    app.get(path, (request, response) => handle(request, response));
  }
  app.use(() => {
    throw new Problem("not_found");
  });
  app.use(answerFailures(door.log));
  return app;
}
