import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRedis, type TestRedis } from "../support/redis.ts";

/** A Redis that keeps an append-only file, which can be damaged as a power cut would. */
export interface AofRedis extends Pick<TestRedis, "url" | "flushAll" | "stop"> {
  /** Kills it, cuts this share (at least some bytes) off the end of its newest file, and starts it again. */
  cutTail(share: number): Promise<void>;
}

/** Undefined, with a warning, when there is no redis-server; throws when CI is "true". */
export async function startAofRedis(): Promise<AofRedis | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "collecte-aof-"));
  const redis = await startRedis(["--appendonly", "yes", "--appendfsync", "everysec", "--dir", folder]);
  if (!redis) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return {
    url: redis.url,
    flushAll: () => redis.flushAll(),
    async cutTail(share) {
      await redis.kill9();
      const file = newest(join(folder, "appendonlydir"));
      const { size } = statSync(file);
      truncateSync(file, Math.max(0, size - Math.max(7, Math.floor(size * share))));
      await redis.restart();
    },
    async stop() {
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `appendonly.aof.{number}.incr.aof` with the greatest number. */
function newest(folder: string): string {
  const numbers = readdirSync(folder).flatMap((name) => /\.(\d+)\.incr\.aof$/.exec(name)?.[1] ?? []);
  return join(folder, `appendonly.aof.${Math.max(...numbers.map(Number))}.incr.aof`);
}
