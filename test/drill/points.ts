/*
 * Where a process may be struck: before and after each call of a port. `journal.commit.before` lies between the work
 * of a transaction and its commit, `journal.transaction.after` between the commit and the one who waits for it.
 * `queues.job` is the handler of a job.
 */
const calls: Readonly<Record<string, readonly string[]>> = {
  journal: [
    ...["transaction", "hold", "holdKinds", "receipts", "waitingParts", "mail", "actors", "write", "claim"],
    "commit",
  ],
  reads: ["collecte", "collectes", "history", "effect", "link", "dueParts"],
  blobs: ["temporaryPath", "adopt", "discard", "borrow", "open"],
  documents: ["add", "find"],
  directory: ["firm", "apiKey"],
  keyring: ["rootDer", "issuingAuthority", "ownedBy"],
  pool: ["prepare", "gather", "archive", "finish", "stamp"],
  tsa: ["stamp"],
  revocation: ["evidenceFor"],
  inspector: ["inspect"],
  mailer: ["send"],
  sms: ["send"],
  queues: ["add", "addAll", "job"],
};

/** Calls that answer at once, and not with a promise. */
export const promptCalls: ReadonlySet<string> = new Set(["blobs.temporaryPath"]);

/** Calls that the lives of the crash drill never come to: after the end of a collecte, and beside them all. */
const rareCalls: Readonly<Record<string, readonly string[]>> = {
  retention: ["clear", "leave", "gone", "evidenceOf", "destroyKey"],
  blobs: ["remove", "has"],
  contacts: ["import"],
  records: ["record"],
  upkeep: ["writePaper", "certificatesIn", "gatherStamped", "finishStamped"],
  keptCertificates: ["keep", "of"],
  heads: ["last", "discardUnfinished", "moved", "addLeaves", "leaves", "finish", "unstamped", "keepToken"],
};

const pointsOf = (of: typeof calls): string[] =>
  Object.entries(of).flatMap(([port, names]) =>
    names.flatMap((name) => {
      const call = `${port}.${name}`;
      return call === "journal.commit" ? [`${call}.before`] : [`${call}.before`, `${call}.after`];
    }),
  );

/** Those of the crash drill. */
export const points: readonly string[] = pointsOf(calls);
export const rarePoints: readonly string[] = pointsOf(rareCalls);
export const allPoints: ReadonlySet<string> = new Set([...points, ...rarePoints]);

export type Blow = "kill" | "stop" | "throw";

/** What a process is told to do to itself: at the `nth` time that it comes to the point. */
export interface Failpoint {
  point: string;
  nth: number;
  blow: Blow;
}

/** Reads `name:nth[:kill|stop|throw]`. */
export function failpointOf(text: string): Failpoint {
  const [point = "", nth = "1", blow = "kill"] = text.split(":");
  if (!allPoints.has(point)) throw new Error(`there is no failpoint ${point}`);
  if (blow !== "kill" && blow !== "stop" && blow !== "throw") throw new Error(`there is no blow ${blow}`);
  return { point, nth: Number(nth), blow };
}
