import type { Request, Response } from "express";
import { KeyReused } from "../actors/runtime/errors.ts";
import type { Log, Message, Outcome } from "../actors/runtime/ports.ts";
import { commandList } from "./command-schema.ts";
import { type Delivery, patienceOf, tellApplied } from "./delivery.ts";
import type { Door } from "./door.ts";
import { explained, refusalProblem } from "./failures.ts";
import { idempotencyKey, keyForm } from "./idempotency.ts";
import { messagesOf } from "./listed-orders.ts";
import { preferencesOf } from "./preferences.ts";
import { Problem, problemBody } from "./problem.ts";
import type { FirmCaller } from "./route.ts";
import { checked } from "./validation.ts";

/**
 * Delivers a list of commands together, and answers what became of each. Only when the engine could take none of them
 * does the whole request fail.
 */
export async function deliverList(
  { door, delivery }: { door: Door; delivery: Delivery },
  request: Request,
  response: Response,
  caller: FirmCaller,
): Promise<void> {
  const requestKey = idempotencyKey(request);
  const { commands } = checked(commandList, request.body);
  const made = await messagesOf(door, caller, commands, requestKey);
  const messages = made.flatMap((one) => (one instanceof Problem ? [] : [one]));
  const preferences = preferencesOf(request);
  const { answers, isPatient } = await delivery.deliver(messages, patienceOf(preferences, response));
  if (answers.length > 0 && answers.every(isFailure)) throw answers[0];
  const answerTo = new Map(messages.map((message, i) => [message, answers[i]]));
  const problemOf = explainer(door.log, request);
  const results = made.map((one, index): Result => {
    const key = keyOf(commands[index]);
    if (one instanceof Problem) return { index, key, status: "refused", problem: problemBody(one) };
    return resultOf(index, key, one, answerTo.get(one), problemOf);
  });
  tellApplied(response, preferences, isPatient);
  response.json({ results });
}

/** The message was not taken; that its key was used before is an answer. */
function isFailure(answer: Outcome | Error): boolean {
  return answer instanceof Error && !(answer instanceof KeyReused);
}

/** One fault of the store fails a whole group: it is logged once. */
function explainer(log: Log, request: Request): (error: unknown) => Problem {
  const known = new Map<unknown, Problem>();
  return (error) => {
    const problem = known.get(error) ?? explained(log, error, request);
    known.set(error, problem);
    return problem;
  };
}

/** One entry of the answer; JSON leaves out what is undefined. */
interface Result {
  index: number;
  key: string | undefined;
  commandId?: string;
  /** `failed`: nobody can say that it was taken, nor that it was not; with its key it may be sent again. */
  status: Outcome["status"] | "failed";
  collecteId?: string;
  version?: number;
  problem?: ReturnType<typeof problemBody>;
}

function resultOf(
  index: number,
  key: string | undefined,
  { id: commandId, actorId: collecteId }: Message,
  answer: Outcome | Error | undefined,
  problemOf: (error: unknown) => Problem,
): Result {
  if (answer === undefined || answer instanceof Error) {
    const problem = problemBody(problemOf(answer));
    const status = answer instanceof KeyReused ? "refused" : "failed";
    return { index, key, commandId, status, collecteId, problem };
  }
  const { status } = answer;
  switch (status) {
    case "done":
      return { index, key, commandId, status, collecteId, version: answer.version };
    case "refused": {
      const problem = problemBody(refusalProblem(answer.code, answer.facts));
      return { index, key, commandId, status, collecteId, problem };
    }
    case "accepted":
      return { index, key, commandId, status, collecteId };
  }
}

/** The key that a command was sent with, to find it again by; of a malformed one too. */
function keyOf(command: unknown): string | undefined {
  if (typeof command !== "object" || command === null || !("key" in command)) return undefined;
  return typeof command.key === "string" && keyForm.test(command.key) ? command.key : undefined;
}
