import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "../actors/collecte/commands.ts";
import type { Message } from "../actors/runtime/ports.ts";
import type { Door } from "./door.ts";
import { refusalProblem } from "./failures.ts";

/** How long an answer is waited for when another process decides, and how often it is asked. */
const patienceMs = 2_000;
const pauseMs = 50;

/**
 * Puts a command in the mailbox. Answers `done` once it is decided, `accepted` when it is durable but another
 * process hasn't decided it within two seconds. Throws the refusal as a problem.
 */
export async function deliver(
  door: Door,
  message: Omit<Message, "kind" | "command"> & { command: Command },
): Promise<"done" | "accepted"> {
  const whole: Message = { ...message, kind: "collecte" };
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    const outcome = await door.mailbox.accept(whole);
    if (outcome.status === "done") return "done";
    if (outcome.status === "refused") throw refusalProblem(outcome.code, outcome.facts);
    if (waitedMs >= patienceMs) return "accepted";
    await sleep(pauseMs);
  }
}
