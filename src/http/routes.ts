import { collecteRoutes } from "./collectes.ts";
import { documentRoutes } from "./documents.ts";
import type { Door } from "./door.ts";
import { healthRoutes } from "./health.ts";
import type { Route } from "./route.ts";
import { sessionRoutes } from "./sessions.ts";
import { signingRoutes } from "./signing.ts";

/** Every route of the API and its probes. */
export function apiRoutes(door: Door): Route[] {
  return [
    ...documentRoutes(door),
    ...collecteRoutes(door),
    ...sessionRoutes(door),
    ...signingRoutes(door),
    ...healthRoutes(door),
  ];
}
