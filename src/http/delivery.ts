import type { Request, Response } from "express";
import { codeOf, KeyReused } from "../actors/runtime/errors.ts";
import type { Message, Outcome, Receipt } from "../actors/runtime/ports.ts";
import type { Door } from "./door.ts";
import { refusalProblem } from "./failures.ts";
import { type Preferences, preferencesOf } from "./preferences.ts";
import { createWaitingRoom, gathered, type Patience, type WaitingRoom } from "./waiting-room.ts";

/** How long an outcome is waited for when the caller doesn't say. */
const usualWaitSeconds = 2;

type Refused = Extract<Outcome, { status: "refused" }>;

/** What became of messages, in their order; or why one was not taken. */
export interface Delivered {
  answers: (Outcome | Error)[];
  /** False when it could not be waited: too many requests do already, or the store can't be read. */
  isPatient: boolean;
}

/** The way of commands into the mailbox, and of their outcomes back. */
export interface Delivery {
  /**
   * Hands messages of one firm over together, so that they are decided in their order and share a commit, and waits for
   * those that another process decides.
   */
  deliver(messages: Message[], patience: Patience): Promise<Delivered>;
  /** What became of a message that was accepted before; undefined when nothing is known of it. */
  outcomeOf(firmId: string, id: string, patience: Patience): Promise<Found>;
}

export interface Found {
  /** Absent when nothing is known of the message. */
  outcome?: Outcome;
  actorId?: string;
  isPatient: boolean;
}

export function createDelivery(
  door: Pick<Door, "mailbox" | "reads" | "log" | "isClosing">,
  room: WaitingRoom = createWaitingRoom(door.isClosing),
): Delivery {
  const receipts = gathered((firmId, ids) => door.reads.receipts(firmId, ids));

  /** Called for all in one turn of the event loop: that is what makes them one group. */
  async function accept(message: Message): Promise<Outcome | Error> {
    try {
      return await door.mailbox.accept(message);
    } catch (error) {
      return error instanceof Error ? error : new Error("the mailbox threw no error", { cause: error });
    }
  }

  /** Asks what became of those that were accepted only; whether that is known of all. */
  async function look(messages: Message[], answers: (Outcome | Error)[]): Promise<boolean> {
    const waiting = messages.flatMap((message, i) => (isWaiting(answers[i]) ? [{ message, i }] : []));
    const ids = waiting.map(({ message }) => message.id);
    const known = await receipts(waiting[0]?.message.firmId ?? "", ids);
    await Promise.all(
      waiting.map(async ({ message, i }) => {
        // A refusal of which nothing is kept: asked again, it is told again, or the law has changed its mind.
        const receipt = known.get(message.id);
        const answer = receipt ? answerOf(receipt, message) : await accept(message);
        if (!(answer instanceof Error) || answer instanceof KeyReused) answers[i] = answer;
      }),
    );
    return !answers.some(isWaiting);
  }

  return {
    async deliver(messages, patience) {
      const answers = await Promise.all(messages.map(accept));
      if (!answers.some(isWaiting)) return { answers, isPatient: true };
      try {
        const isPatient = await room.wait(patience, () => look(messages, answers));
        return { answers, isPatient };
      } catch (error) {
        // They are durable all the same: whoever can't be told now may ask later.
        door.log.warn({ code: codeOf(error) }, "outcomes could not be read");
        return { answers, isPatient: false };
      }
    },
    async outcomeOf(firmId, id, patience) {
      const read = async () => (await receipts(firmId, [id])).get(id);
      let receipt = await read();
      if (!isWaiting(receipt?.outcome)) return { ...receipt, isPatient: true };
      const isPatient = await room.wait(patience, async () => {
        receipt = await read();
        return !isWaiting(receipt?.outcome);
      });
      return { ...receipt, isPatient };
    },
  };
}

/** Of two requests with one key that were parked by two processes at once only one is kept: the other learns it here. */
function answerOf({ fingerprint, outcome }: Receipt, message: Message): Outcome | KeyReused {
  const isAnother = message.fingerprint !== undefined && fingerprint !== message.fingerprint;
  return isAnother ? new KeyReused() : outcome;
}

function isWaiting(answer: Outcome | Error | undefined): boolean {
  return answer !== undefined && !(answer instanceof Error) && answer.status === "accepted";
}

/** Where a program learns later what became of a command. */
export function commandPath(messageId: string): string {
  return `/v1/commands/${messageId}`;
}

/**
 * Delivers the one command of a request, and says in the headers which it is and which wish was granted. Throws the
 * refusal as a problem.
 */
export async function deliverOne(
  delivery: Delivery,
  request: Request,
  response: Response,
  message: Message,
): Promise<Exclude<Outcome, Refused>> {
  // Before all else: after a 503 the caller may ask for it.
  response.setHeader("Command-Id", message.id);
  const preferences = preferencesOf(request);
  const { answers, isPatient } = await delivery.deliver([message], patienceOf(preferences, response));
  tellApplied(response, preferences, isPatient);
  const [answer] = answers;
  if (answer === undefined || answer instanceof Error) throw answer;
  if (answer.status === "refused") throw refusalProblem(answer.code, answer.facts);
  return answer;
}

export function patienceOf(
  { waitSeconds = usualWaitSeconds }: Pick<Preferences, "waitSeconds">,
  response: Response,
): Patience {
  return { waitMs: waitSeconds * 1_000, isGone: () => response.destroyed };
}

/** Says that the caller's wish to wait was granted, if there was one. */
export function tellApplied(response: Response, { waitSeconds }: Preferences, isPatient: boolean): void {
  if (isPatient && waitSeconds !== undefined) response.append("Preference-Applied", `wait=${waitSeconds}`);
}
