/** A fault that the person at the keyboard can mend: its message says how. */
export class CliFault extends Error {
  readonly mend = true;

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "CliFault";
  }
}

/** What the machine refuses, in words. */
const words: Readonly<Record<string, string>> = {
  EACCES: "no right to read or write there",
  EADDRNOTAVAIL: "this machine has no such address: look at COLLECTE_HOST",
  EEXIST: "a file stands where a folder should be: look at COLLECTE_DATA",
  EISDIR: "a folder stands where a file should be",
  ENOENT: "there is no such file or folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "a file stands where a folder should be: look at COLLECTE_DATA",
  EROFS: "the disk can only be read",
  SQLITE_CANTOPEN: "the database can't be opened: look at COLLECTE_DATA and its rights",
  SQLITE_FULL: "the disk is full",
  SQLITE_READONLY: "the database can only be read: look at the rights of COLLECTE_DATA",
};

/** Errors whose message is for the person at the keyboard. */
const plainly = new Set(["SettingsFault", "QueueRefused", "BlobsRefused"]);

/** What to say of a fault: words where the person at the keyboard can mend it, else its whole trace. */
export function saidOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("mend" in error || plainly.has(error.name)) return error.message;
  for (const one of withCauses(error)) {
    const said = "code" in one && typeof one.code === "string" ? words[one.code] : undefined;
    if (said !== undefined) return [said, "path" in one ? `(${String(one.path)})` : ""].join(" ").trim();
  }
  // The one failure of AES-GCM: the key is another than the one that it was sealed under.
  if (/unable to authenticate data/.test(error.message)) {
    return "COLLECTE_SECRET: what is in the store was encrypted under another secret";
  }
  return error.stack ?? error.message;
}

/** The error and what it wraps: Sequelize keeps the database's own as `parent`. */
function* withCauses(error: Error): Generator<Error> {
  let current: unknown = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    yield current;
    current = "parent" in current ? current.parent : current.cause;
  }
}
