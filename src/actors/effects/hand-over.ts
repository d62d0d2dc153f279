import { codeOf, Overloaded, Retryable } from "../runtime/errors.ts";
import type { Mailbox, Message, Outcome } from "../runtime/ports.ts";

/**
 * Hands a message of an effect to another actor. What could not be taken now is taken at the next try, and what was taken
 * is not taken twice. Throws `Retryable`: `mailbox_full`, or the code of what else was in the way.
 */
export async function handOver(mailbox: Mailbox, message: Message): Promise<Outcome> {
  try {
    return await mailbox.accept(message);
  } catch (cause) {
    throw new Retryable(cause instanceof Overloaded ? "mailbox_full" : codeOf(cause), { cause });
  }
}
