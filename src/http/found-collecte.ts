import type { Request } from "express";
import type { CollecteView } from "../actors/runtime/ports.ts";
import type { Door } from "./door.ts";
import { Problem } from "./problem.ts";
import { idIn } from "./route.ts";

/** The firm's collecte whose `{id}` stands in the path. Throws `not_found`. */
export async function foundCollecte(
  { reads }: Pick<Door, "reads">,
  firmId: string,
  request: Request,
): Promise<CollecteView> {
  const view = await reads.collecte(firmId, idIn(request));
  if (!view) throw new Problem("not_found");
  return view;
}
