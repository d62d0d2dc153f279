import { healthyAnswer, lifeAnswer, unhealthyAnswer } from "./answers/checks.ts";
import type { Door } from "./door.ts";
import type { OpenRoute } from "./route.ts";

/** For whoever watches the engine: is it there, and can it work? */
export function healthRoutes(door: Pick<Door, "health">): OpenRoute[] {
  return [
    {
      method: "get",
      path: "/health",
      operationId: "readHealth",
      summary: "Whether the engine can work: 200, else 503",
      access: "open",
      answer: {
        status: 200,
        description: "{ok, …}",
        schema: healthyAnswer,
        also: { 503: unhealthyAnswer },
      },
      handle: async (_request, response) => {
        const health = await door.health();
        response.status(health.ok ? 200 : 503).json(health);
      },
    },
    {
      method: "get",
      path: "/health/live",
      operationId: "readLife",
      summary: "Whether the process answers",
      access: "open",
      answer: { status: 200, description: "{ok: true}", schema: lifeAnswer },
      handle: async (_request, response) => {
        response.json({ ok: true });
      },
    },
  ];
}
