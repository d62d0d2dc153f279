import { z } from "zod";
import type { Door } from "./door.ts";
import { iso } from "./instants.ts";
import type { Route } from "./route.ts";
import { checked, strict } from "./validation.ts";

/** Three years at once, enough for any period but an evidence file's; it may be moved again. */
const mostSeconds = 3 * 366 * 24 * 3_600;

const advance = strict({ seconds: z.number().int().min(1).max(mostSeconds) });

const clockAnswer = z.object({ now: z.iso.datetime() });

/** In test mode, the engine's clock: what is due in fifteen days can be seen in a second. Elsewhere there is none. */
export function testClockRoutes({ clock, testClock }: Pick<Door, "clock" | "testClock">): Route[] {
  if (!testClock) return [];
  return [
    {
      method: "get",
      path: "/v1/test/clock",
      operationId: "readClock",
      summary: "What time it is for the engine (test mode)",
      access: "firm",
      scope: "read",
      answer: { status: 200, description: "{now}", schema: clockAnswer },
      handle: async (_request, response) => {
        response.json({ now: iso(clock.now()) });
      },
    },
    {
      method: "post",
      path: "/v1/test/clock",
      operationId: "advanceClock",
      summary: "Let time pass for the whole engine, never back (test mode)",
      access: "firm",
      scope: "firm",
      body: advance,
      answer: { status: 200, description: "{now}", schema: clockAnswer },
      handle: async (request, response) => {
        const { seconds } = checked(advance, request.body);
        response.json({ now: iso(await testClock.advance(seconds * 1_000)) });
      },
    },
  ];
}
