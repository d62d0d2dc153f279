/** The queue does not answer, so a hint was not queued (or nobody knows). Nothing is lost: the sweeper makes it again. */
export class QueueAway extends Error {
  readonly code = "queue_away";

  constructor(options: { cause?: unknown } = {}) {
    super("the queue does not answer", options);
    this.name = "QueueAway";
  }
}

/** The Redis of the setting REDIS_URL can't serve as a queue. The message says why, and never holds the URL. */
export class QueueRefused extends Error {
  readonly code = "queue_refused";

  constructor(why: string) {
    super(`REDIS_URL: ${why}`);
    this.name = "QueueRefused";
  }
}
