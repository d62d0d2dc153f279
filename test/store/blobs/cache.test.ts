import { randomBytes } from "node:crypto";
import { access, mkdir, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { type BlobCache, createCache, keptMs } from "../../../src/store/s3/cache.ts";
import { temporaryFolder } from "../../support/folders.ts";
import { thrownBy } from "../../support/thrown.ts";

const name = (letter: string) => letter.repeat(64);

describe("the cache of a bucket", () => {
  let folder: string;
  let clock: number;
  let cache: BlobCache;
  let fills: string[];
  beforeEach(async () => {
    folder = await temporaryFolder();
    clock = Date.now();
    fills = [];
    cache = createCache(folder, 3_000, () => clock);
  });
  afterEach(async () => {
    await cache.close();
    await rm(folder, { recursive: true });
  });

  const fill =
    (letter: string, bytes = 1_000) =>
    async () => {
      fills.push(letter);
      const path = cache.temporaryPath();
      await writeFile(path, randomBytes(bytes));
      return path;
    };
  const hold = (letter: string, bytes?: number) => cache.hold(name(letter), fill(letter, bytes));
  async function touch(letter: string, bytes?: number) {
    const { path, release } = await hold(letter, bytes);
    await release();
    return path;
  }
  const kept = async () =>
    (await readdir(folder, { recursive: true }))
      .flatMap((one) => /([a-f])\1{63}$/.exec(one)?.[1] ?? [])
      .sort()
      .join("");

  it("removes what was used longest ago when it is full", async () => {
    for (const letter of ["a", "b", "c", "a", "d"]) await touch(letter);
    expect(await kept()).to.equal("acd");
    await touch("b");
    expect(fills.join("")).to.equal("abcdb");
    expect(await kept()).to.equal("abd");
    await touch("e", 2_500);
    expect(await kept()).to.equal("e");
  });

  it("never removes what somebody holds, though it be over its size for a while", async () => {
    const lent = await Promise.all(["a", "b", "c", "d"].map((letter) => hold(letter)));
    expect(await kept()).to.equal("abcd");
    for (const { path } of lent) await access(path);
    clock += 2 * keptMs;
    await cache.tidy();
    expect(await kept()).to.equal("abcd");
    await Promise.all(lent.map(({ release }) => release()));
    await touch("e");
    expect(await kept()).to.not.contain("abcd");
  });

  it("holds for all who waited for one download, though the next ones need its place", async () => {
    const [first, second, third] = await Promise.all([hold("a", 2_900), hold("a", 2_900), hold("a", 2_900)]);
    expect(fills.join("")).to.equal("a");
    await first.release();
    await first.release();
    await touch("b", 2_900);
    expect(await readFile(second.path)).to.have.length(2_900);
    await second.release();
    await third.release();
    await touch("c", 2_900);
    expect(await kept()).to.equal("c");
  });

  it("removes what is dropped with its last hold, and lends it to nobody else", async () => {
    const lent = await hold("a");
    await cache.drop(name("a"));
    await access(lent.path);
    const gone = () => Promise.reject(new Error("gone"));
    expect(await thrownBy(cache.hold(name("a"), gone))).to.have.property("message", "gone");
    await lent.release();
    expect(await kept()).to.equal("");
    await cache.drop(name("a"));
  });

  it("keeps what came once more after it was dropped", async () => {
    const lent = await hold("a");
    await cache.drop(name("a"));
    await cache.take(await fill("a")(), name("a"));
    await lent.release();
    expect(await kept()).to.equal("a");
    await access(await touch("a"));
    expect(fills.join("")).to.equal("aa");
  });

  it("drops also what was on its way when it was dropped", async () => {
    let arrive: (path: string) => void = () => undefined;
    const slow = new Promise<string>((resolve) => {
      arrive = resolve;
    });
    const holding = cache.hold(name("a"), () => slow);
    const path = cache.temporaryPath();
    await writeFile(path, "late");
    const dropping = cache.drop(name("a"));
    arrive(path);
    const lent = await holding;
    await dropping;
    await lent.release();
    expect(await kept()).to.equal("");
  });

  it("keeps nothing for an hour, however often it is used, nor what a dead process left so long ago", async () => {
    await touch("a");
    const dead = join(folder, "dead");
    await mkdir(dead);
    await writeFile(join(dead, name("b")), "b");
    clock += keptMs / 2;
    await touch("a");
    await cache.tidy();
    expect(await kept()).to.equal("ab");
    clock += keptMs / 2;
    await utimes(dead, (clock - keptMs - 1) / 1_000, (clock - keptMs - 1) / 1_000);
    await cache.tidy();
    expect(await kept()).to.equal("");
  });

  it("begins anew when others took its process for dead", async () => {
    await touch("a");
    const [own = ""] = await readdir(folder);
    await rm(join(folder, own), { recursive: true });
    await access(await touch("a"));
    expect(fills.join("")).to.equal("aa");
  });

  it("leaves nothing of a download that failed, and tries again", async () => {
    const failing = () => Promise.reject(new Error("away"));
    expect(await thrownBy(cache.hold(name("a"), failing))).to.have.property("message", "away");
    await access(await touch("a"));
  });
});
