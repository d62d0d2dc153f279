import type { Dialect, RunDdl } from "./dialect.ts";

/** What waits for members, over all collectes, with what waits already. */
export function up(run: RunDdl, dialect: Dialect): Promise<void> {
  return run([...statements, invited[dialect]]);
}

const statements = [
  `CREATE TABLE awaited (
    actor_id TEXT NOT NULL,
    firm_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    act TEXT NOT NULL,
    act_key TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    document_type TEXT,
    since INTEGER NOT NULL,
    PRIMARY KEY (actor_id, act, act_key)
  ) WITHOUT ROWID`,
  "CREATE INDEX awaited_by_member ON awaited (firm_id, member_id, due_at, actor_id, act, act_key)",
];

const columns = "actor_id, firm_id, member_id, act, act_key, due_at, document_type, since";

/** Members of the current step of collectes from before there were parapheurs; seals waited for nobody then. */
const invited: Readonly<Record<Dialect, string>> = {
  sqlite: `
    INSERT INTO awaited (${columns})
    SELECT actors.id, firm_id, state -> ('$.signatories."' || asked.value || '"') ->> '$.memberId', 'sign', asked.value,
      state ->> '$.expiresAt', state ->> '$.documentType', updated_at
    FROM actors, json_each(state, '$.steps[' || (state ->> '$.currentStep') || '].signatories') AS asked
    WHERE kind = 'collecte' AND status = 'launched'
      AND state -> ('$.signatories."' || asked.value || '"') ->> '$.status' = 'invited'
      AND state -> ('$.signatories."' || asked.value || '"') ->> '$.memberId' IS NOT NULL`,
  postgres: `
    INSERT INTO awaited (${columns})
    SELECT actors.id, firm_id, state::json -> 'signatories' -> asked.id_in_step ->> 'memberId', 'sign', asked.id_in_step,
      (state::json ->> 'expiresAt')::bigint, state::json ->> 'documentType', updated_at
    FROM actors CROSS JOIN LATERAL json_array_elements_text(
      state::json -> 'steps' -> ((state::json ->> 'currentStep')::int) -> 'signatories') AS asked (id_in_step)
    WHERE kind = 'collecte' AND status = 'launched'
      AND state::json -> 'signatories' -> asked.id_in_step ->> 'status' = 'invited'
      AND state::json -> 'signatories' -> asked.id_in_step ->> 'memberId' IS NOT NULL`,
};
