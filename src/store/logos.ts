import type { Clock, Logos } from "../actors/runtime/ports.ts";
import type { Database } from "./database.ts";
import type { Models } from "./models.ts";

export const logoOf = "SELECT image FROM firm_logos WHERE firm_id = $1";

/** What firms' visible signatures show, as it is committed. */
export function createLogos(
  database: Pick<Database, "reader" | "together">,
  models: Models,
  clock: Clock,
): Logos {
  return {
    async read(firmId) {
      const [found] = await database.reader.all<{ image: string }>(logoOf, firmId);
      return found && Buffer.from(found.image, "base64");
    },
    put: (firmId, image) =>
      database.together(async (transaction) => {
        const row = { firmId, image: Buffer.from(image).toString("base64"), createdAt: clock.now() };
        await models.FirmLogo.upsert(row, { transaction });
      }),
    remove: (firmId) =>
      database.together(async (transaction) => {
        await models.FirmLogo.destroy({ where: { firmId }, transaction });
      }),
  };
}
