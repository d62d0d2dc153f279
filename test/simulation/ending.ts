import type { Collecte } from "../../src/actors/collecte/state.ts";
import type { Site } from "./engine.ts";
import { actorOfEffect } from "./names.ts";
import type { Story } from "./story.ts";
import type { World } from "./world.ts";

/** What must be so once the faults are over, time has passed and nobody has anything left to do. */
export function judgeTheEnd(
  site: Site,
  stories: readonly Story[],
  actors: ReadonlyMap<string, string>,
): void {
  const { world, judge, store } = site;
  const { outbox, mailbox, deadLetters } = store.tables;
  const blame = (rule: string, detail: string) => world.violate(rule, detail);
  for (const { id, status } of outbox.values())
    if (status !== "dead") blame("everything drains", `effect ${id} is ${status}`);
  for (const { message } of mailbox.values()) blame("everything drains", `message ${message.id} waits`);
  judge.everythingTold((messageId) => actors.get(messageId) ?? "");
  for (const [id, record] of judge.records)
    if (record.chain() !== record.headHash) blame("the hash chain is whole", id);
  for (const { messageId } of deadLetters.values()) {
    const isPoison = messageId.includes(":poison-");
    if (!isPoison && !world.faults.happened.some(({ kind }) => kind === "lawThrows"))
      blame("only poison is a dead letter", messageId);
  }
  const harmed = new Set([
    ...outbox.values().map(({ id }) => actorOfEffect(id)),
    ...deadLetters
      .values()
      .flatMap(({ messageId }) => (messageId.includes(":poison-") ? [] : [actorOf(messageId, actors)])),
  ]);
  for (const story of stories) judgeStory(site, story, harmed.has(story.id));
}

/** `isHarmed`: some effect or message of it has failed for good, which a person must look at. */
function judgeStory({ world, judge }: Site, story: Story, isHarmed: boolean): void {
  const state = judge.records.get(story.id)?.state;
  if (!state || isHarmed) return;
  const fault = story.wasLaunched ? faultOf(state, story, world) : faultOfDraft(state);
  if (fault !== undefined) world.violate("what was played is completed", `${story.id}: ${fault}`);
}

/** Not before its time, which the record is judged by. */
function faultOfDraft({ abandoned, forgottenAt, status }: Collecte): string | undefined {
  return abandoned && forgottenAt !== undefined ? undefined : `never launched, ${status}`;
}

function faultOf(state: Collecte, story: Story, { faults }: World): string | undefined {
  const status = state.endedAs ?? state.status;
  const endings = story.signatories.map(({ ending }) => ending);
  if (state.status === "launched") return "it has no end";
  if (state.status !== "purged") return `${state.status}, and never purged`;
  if (state.forgottenAt === undefined) return "never forgotten";
  const areSigned = Object.values(state.signatories).every((signatory) => signatory.status === "signed");
  if (status === "completed" && !areSigned) return "completed without all signatures";
  if (story.preparer.hasCancelled !== (status === "cancelled"))
    return `the preparer cancelled, and ${status}`;
  if (status !== "refused" && endings.includes("refused")) return `refused, and ${status}`;
  if (!story.isPlain) return undefined;
  if (status !== "completed" && endings.every((ending) => ending === "signed"))
    return `signed, and ${status}`;
  const excused = endings.some(
    (ending) => ending === "silent" || ending === "locked" || ending === "gave up",
  );
  const jumped = faults.happened.some(({ kind }) => kind === "clockJump");
  return status === "expired" && !excused && !jumped
    ? `expired, though all were willing: ${endings}`
    : undefined;
}

/** Messages of effects carry their collecte in the effect's id, those of timers in their own. */
function actorOf(messageId: string, actors: ReadonlyMap<string, string>): string {
  const known = actors.get(messageId);
  if (known !== undefined) return known;
  const [kind, id = ""] = messageId.split(":");
  return kind === "effect" ? actorOfEffect(id) : id;
}
