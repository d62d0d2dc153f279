import { QueryTypes, type Sequelize } from "sequelize";

/** Effects that failed for good, by what and why. */
export interface StuckCause {
  kind: string;
  error: string;
  count: number;
}

/** What an operator can do about effects that failed for good. */
export interface Stuck {
  causes(): Promise<StuckCause[]>;
  /** Makes them due again, all or those of one cause, with their tries forgotten; answers how many. */
  retry(error?: string): Promise<number>;
}

export function createStuck(sequelize: Sequelize): Stuck {
  return {
    causes: () =>
      sequelize.query<StuckCause>(
        `SELECT kind, last_error AS error, count(*) AS count FROM outbox WHERE status = 'dead'
         GROUP BY kind, last_error ORDER BY count(*) DESC`,
        { type: QueryTypes.SELECT },
      ),
    async retry(error) {
      const [, count] = await sequelize.query(
        `UPDATE outbox SET status = 'pending', faults = 0, doubts = 0, lapses = 0, lease_until = NULL
         WHERE status = 'dead' AND (:error IS NULL OR last_error = :error)`,
        { type: QueryTypes.UPDATE, replacements: { error: error ?? null } },
      );
      return count;
    },
  };
}
