import { expect } from "chai";
import type { Among, AwaitedAct, AwaitedLine } from "../../../src/actors/runtime/ports.ts";
import { actorOf, firstInstant, moved, write } from "../changes.ts";
import { eachOpened, type Opened } from "./subject.ts";

const all: Among = { sign: "all", seal: "all" };

export function describeParapheurs(open: () => Promise<Opened>): void {
  describe("what waits for members", () => {
    const store = eachOpened(open);

    const waits = (
      actorId: string,
      more: Partial<AwaitedAct> & { firmId?: string; since?: number } = {},
    ) => ({
      actorId,
      firmId: "firm-a",
      memberId: "mem-1",
      act: "sign" as const,
      key: "s1",
      dueAt: firstInstant + 1_000,
      since: firstInstant,
      ...more,
    });

    async function born(id: string, ...awaited: ReturnType<typeof waits>[]): Promise<void> {
      await write(store.it.journal, moved({ id }, { awaited }));
    }

    const listed = (of: { among?: Among; now?: number; limit?: number; after?: AwaitedLine } = {}) =>
      store.it.parapheurs.awaited("firm-a", "mem-1", { among: all, now: firstInstant, limit: 9, ...of });

    const names = (lines: AwaitedLine[]) =>
      lines.map(({ collecteId, act, key }) => `${collecteId} ${act} ${key}`);

    it("is listed by deadline, page after page, to its member and firm only", async () => {
      await born("col-1", waits("col-1", { dueAt: firstInstant + 3_000 }));
      await born("col-2", waits("col-2"), waits("col-2", { act: "seal", key: "1" }));
      await born("col-3", waits("col-3", { memberId: "mem-2" }));
      await born("col-4", waits("col-4", { firmId: "firm-b" }));
      const lines = await listed();
      expect(names(lines)).to.deep.equal(["col-2 seal 1", "col-2 sign s1", "col-1 sign s1"]);
      expect(lines[1]).to.deep.equal({
        collecteId: "col-2",
        memberId: "mem-1",
        act: "sign",
        key: "s1",
        dueAt: firstInstant + 1_000,
        since: firstInstant,
      });
      const [first] = await listed({ limit: 1 });
      expect(names(await listed({ after: first ?? expect.fail() }))).to.deep.equal(names(lines.slice(1)));
      const counts = await store.it.parapheurs.counts("firm-a", "mem-1", { among: all, now: firstInstant });
      expect(counts).to.deep.equal({ sign: 2, seal: 1 });
    });

    it("is listed to its very deadline", async () => {
      await born("col-1", waits("col-1"));
      expect(await listed({ now: firstInstant + 999 })).to.have.length(1);
      expect(await listed({ now: firstInstant + 1_000 })).to.deep.equal([]);
    });

    it("is listed by act and type of document", async () => {
      await born("col-1", waits("col-1", { documentType: "bilan" }));
      await born("col-2", waits("col-2", { documentType: "lettre" }));
      await born("col-3", waits("col-3"));
      await born("col-4", waits("col-4", { act: "seal", key: "0", documentType: "bilan" }));
      const signs = await listed({ among: { sign: ["bilan", "autre"], seal: [] } });
      expect(names(signs)).to.deep.equal(["col-1 sign s1"]);
      expect(signs[0]).to.have.property("documentType", "bilan");
      expect(names(await listed({ among: { sign: [], seal: "all" } }))).to.deep.equal(["col-4 seal 0"]);
    });

    it("changes with its actor, and goes with it", async () => {
      await born("col-1", waits("col-1"), waits("col-1", { key: "s2" }));
      const headHash = (await actorOf(store.it.journal, "col-1"))?.headHash ?? "";
      const later = waits("col-1", { dueAt: firstInstant + 9_000, since: firstInstant + 5 });
      const unawaited = [{ actorId: "col-1", act: "sign", key: "s2" }];
      await write(
        store.it.journal,
        moved({ id: "col-1", from: 1, headHash }, { awaited: [later], unawaited }),
      );
      const lines = await listed();
      expect(names(lines)).to.deep.equal(["col-1 sign s1"]);
      expect(lines[0]).to.include({ dueAt: firstInstant + 9_000, since: firstInstant + 5 });
    });

    it("reads collectes of one firm together, with and without what is said about people", async () => {
      await born("col-1");
      await write(store.it.journal, moved({ id: "col-2", firmId: "firm-b" }));
      const ids = ["col-1", "col-2", "col-9"];
      const views = await store.it.parapheurs.collectes("firm-a", ids);
      expect([...views.keys()]).to.deep.equal(["col-1"]);
      expect(views.get("col-1")?.state.personal.title).to.equal("About col-1");
      const courses = await store.it.parapheurs.courses("firm-a", ids);
      expect([...courses.keys()]).to.deep.equal(["col-1"]);
      expect(courses.get("col-1")).to.have.nested.property("personal.title", "");
      expect(courses.get("col-1")?.status).to.equal("launched");
    });

    it("finds sessions by their firm, and takes no collecte for one", async () => {
      const { actors, ...rest } = moved({ id: "pph-1" });
      const asSession = actors.map((row) => ({ ...row, kind: "parapheur" }));
      await write(store.it.journal, { ...rest, actors: asSession });
      await born("col-1");
      expect(await store.it.parapheurs.session("firm-a", "pph-1")).to.include({ id: "pph-1", version: 1 });
      expect(await store.it.parapheurs.session("firm-b", "pph-1")).to.equal(undefined);
      expect(await store.it.parapheurs.session("firm-a", "col-1")).to.equal(undefined);
      const taken = await store.it.parapheurs.collectes("firm-a", ["pph-1"]);
      expect(taken.size).to.equal(0);
    });
  });
}
