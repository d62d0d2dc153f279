import type { CarriedSms } from "../../runtime/ports.ts";

/**
 * One way to the phone networks. `submit` resolves when the SMS is the gateway's own to deliver. It throws
 * `Terminal` when the gateway refuses this SMS for ever, `Retryable` when it certainly did not take it, and a doubtful
 * `Retryable` when nobody can tell.
 */
export interface Carrier {
  readonly name: string;
  /** Whether a second request with the same key gives the first answer and no second SMS. */
  readonly knowsKeys: boolean;
  submit(sms: CarriedSms): Promise<{ reference: string }>;
  /** Lets nothing keep the process up; twice is fine. */
  close(): void;
}
