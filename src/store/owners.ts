import type { Owners } from "../actors/runtime/ports.ts";
import type { Database } from "./database.ts";

const owner = 'SELECT firm_id AS "firmId", kind FROM actors WHERE id = $1';

export function createOwners({ reader }: Pick<Database, "reader">): Owners {
  return {
    ownerOf: async (actorId) => (await reader.all<{ firmId: string; kind: string }>(owner, actorId))[0],
  };
}
