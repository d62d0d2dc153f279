import { canonicalJson } from "../actors/runtime/canonical-json.ts";
import type { Firm } from "../actors/runtime/ports.ts";
import { digestOf } from "../actors/runtime/secrets.ts";
import { firmAnswer } from "./answers/firm.ts";
import type { Door } from "./door.ts";
import { firmChanges, merged, shownFirm } from "./firm-settings.ts";
import { Problem } from "./problem.ts";
import type { Route } from "./route.ts";
import { checked } from "./validation.ts";

const firmPath = "/v1/firm";

/** The firm itself, and what it has chosen for all its collectes. */
export function firmRoutes(door: Door): Route[] {
  return [
    {
      method: "get",
      path: firmPath,
      operationId: "readFirm",
      summary: "Read the firm and its settings, without their secrets",
      access: "firm",
      scope: "firm",
      answer: {
        status: 200,
        description: "{id, name, email, country, settings}",
        schema: firmAnswer,
        etag: true,
      },
      handle: async (_request, response, caller) => {
        const firm = (await door.firms.read(caller.firm.id)) ?? caller.firm;
        response.set("ETag", etagOf(firm)).json(shownFirm(firm));
      },
    },
    {
      method: "patch",
      path: firmPath,
      operationId: "changeFirm",
      summary: "Change settings of the firm (JSON merge patch); they count within 5 seconds",
      access: "firm",
      scope: "firm",
      expertsOnly: true,
      body: firmChanges,
      ifMatch: true,
      answer: {
        status: 200,
        description: "{id, name, email, country, settings}",
        schema: firmAnswer,
        etag: true,
      },
      handle: async (request, response, caller) => {
        const changes = checked(firmChanges, request.body);
        const expected = request.get("If-Match");
        const after = await door.firms.change(caller.firm.id, (before) => {
          if (expected !== undefined && expected !== "*" && expected !== etagOf(before))
            throw new Problem("version_changed");
          const next = merged(before, changes);
          if (next) return next;
          throw new Problem("invalid_request", {
            errors: [
              {
                field: "settings/delivery/secretAccessKey",
                code: "required",
                detail: "None is known for this key, bucket and endpoint.",
              },
            ],
          });
        });
        if (!after) throw new Problem("not_found");
        response.set("ETag", etagOf(after)).json(shownFirm(after));
      },
    },
  ];
}

/** Of all that can be changed, its secrets as well: another secret is another version. */
function etagOf({ email, settings, allowsEmbeddedFiles = false }: Firm): string {
  return `"${digestOf(canonicalJson({ email, settings, allowsEmbeddedFiles })).slice(0, 32)}"`;
}
