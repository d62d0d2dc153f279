import type { Transaction } from "sequelize";
import type { Clock, Instant, MemberSession, MemberSessions } from "../actors/runtime/ports.ts";
import type { Database, Value } from "./database.ts";

/** However busy, a session ends after so long. */
const longestMs = 12 * 3_600_000;
/** Without a request it ends sooner. */
const idleMs = 3_600_000;
/** So rarely is it written that a session is in use: it may end this much too early, never late. */
const noticeMs = 60_000;

/** The sessions with what signing in and leaving do to them. */
export interface WritableMemberSessions extends MemberSessions {
  /** Of a token with this SHA-256 (hex). */
  begin(session: Pick<MemberSession, "id" | "firmId" | "memberId">, hash: string): Promise<MemberSession>;
  endOf(memberId: string): Promise<void>;
  /** A code that stands for the member until `expiresAt`, once; `challenge` is what its verifier must hash to. */
  addCode(code: { hash: string; memberId: string; challenge: string; expiresAt: Instant }): Promise<void>;
  /** In `together` only, or two may take it at once. Undefined when it is unknown, used, or over. */
  takeCode(hash: string): Promise<{ memberId: string; challenge: string } | undefined>;
}

interface SessionColumns extends MemberSession {
  seenAt: Instant;
}

const sessionOf = `
  SELECT id, firm_id AS "firmId", member_id AS "memberId", seen_at AS "seenAt", expires_at AS "expiresAt"
  FROM member_sessions WHERE hash = $1`;
const codeOf = `
  SELECT member_id AS "memberId", challenge, expires_at AS "expiresAt" FROM sign_in_codes WHERE hash = $1`;

/** Additions belong to `transaction`, if there is one; reads see what is committed. */
export function createMemberSessions(
  { reader, sequelize, together }: Pick<Database, "reader" | "sequelize" | "together">,
  clock: Clock,
  transaction: Transaction | null = null,
): WritableMemberSessions {
  const run = async (
    sql: string,
    replacements: Record<string, Value>,
    within = transaction,
  ): Promise<void> => {
    await sequelize.query(sql, { replacements, transaction: within });
  };
  /** In a transaction of its own, unless it belongs to one. */
  const write = (sql: string, replacements: Record<string, Value>): Promise<void> =>
    transaction ? run(sql, replacements) : together((own) => run(sql, replacements, own));

  return {
    async use(hash) {
      const now = clock.now();
      const [row] = await reader.all<SessionColumns>(sessionOf, hash);
      if (!row || now >= row.expiresAt || now >= row.seenAt + idleMs) return undefined;
      if (now >= row.seenAt + noticeMs)
        await write("UPDATE member_sessions SET seen_at = :now WHERE hash = :hash", { now, hash });
      const { seenAt: _, ...session } = row;
      return session;
    },
    end: (id) => write("DELETE FROM member_sessions WHERE id = :id", { id }),
    endOf: (memberId) => write("DELETE FROM member_sessions WHERE member_id = :memberId", { memberId }),
    async begin(session, hash) {
      const now = clock.now();
      const begun = { ...session, expiresAt: now + longestMs };
      // Those that are over are of no use to anybody.
      await write("DELETE FROM member_sessions WHERE expires_at <= :now OR seen_at <= :idle", {
        now,
        idle: now - idleMs,
      });
      await write(
        `INSERT INTO member_sessions (hash, id, firm_id, member_id, created_at, seen_at, expires_at)
         VALUES (:hash, :id, :firmId, :memberId, :now, :now, :expiresAt)`,
        { ...begun, hash, now },
      );
      return begun;
    },
    async addCode(code) {
      await write("DELETE FROM sign_in_codes WHERE expires_at <= :now", { now: clock.now() });
      await write(
        `INSERT INTO sign_in_codes (hash, member_id, challenge, expires_at)
         VALUES (:hash, :memberId, :challenge, :expiresAt)`,
        code,
      );
    },
    async takeCode(hash) {
      const [row] = await reader.all<{ memberId: string; challenge: string; expiresAt: Instant }>(
        codeOf,
        hash,
      );
      if (!row) return undefined;
      await write("DELETE FROM sign_in_codes WHERE hash = :hash", { hash });
      return clock.now() < row.expiresAt ? { memberId: row.memberId, challenge: row.challenge } : undefined;
    },
  };
}
