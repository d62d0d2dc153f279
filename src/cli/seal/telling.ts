import { SingleBar } from "cli-progress";
import type { Sealed } from "./seal-files.ts";

/** Tells of files as they are sealed. */
export interface Telling {
  of(sealed: Sealed): void;
  end(summary: Summary): void;
}

export interface Summary {
  sealed: number;
  /** Of the sealed ones: damaged, and written anew before. */
  repaired: number;
  failed: number;
  /** Not begun when it was interrupted. */
  left: number;
  seconds: number;
}

/** For people: a bar where someone looks at it, one line for each file that failed or was repaired, and a sum. */
export function tellPeople(total: number, folder: string): Telling {
  const bar = process.stderr.isTTY
    ? new SingleBar({ format: "{bar} {value}/{total}", clearOnComplete: true })
    : null;
  bar?.start(total, 0);
  const remarks: string[] = [];
  return {
    of(sealed) {
      bar?.increment();
      const line = remarkOn(sealed);
      if (line === undefined) return;
      // A line would break the bar.
      if (bar === null) process.stderr.write(line);
      else remarks.push(line);
    },
    end({ sealed, repaired, failed, left, seconds }) {
      bar?.stop();
      process.stderr.write(remarks.join(""));
      const mended = repaired > 0 ? ` (${repaired} repaired)` : "";
      const more = `${mended}${failed > 0 ? `, ${failed} failed` : ""}${left > 0 ? `, ${left} not begun` : ""}`;
      process.stdout.write(
        `${sealed} of ${total} sealed into ${folder}${more}, in ${seconds.toFixed(1)} s\n`,
      );
    },
  };
}

function remarkOn(sealed: Sealed): string | undefined {
  if (!sealed.ok) {
    return `${sealed.file}: ${sealed.code}${sealed.detail === undefined ? "" : ` (${sealed.detail})`}\n`;
  }
  return sealed.repairedFrom === undefined ? undefined : `${sealed.file}: damaged, sealed as written anew\n`;
}

/** For programs: an object a line for each file as it is done, and one for the whole. */
export function tellPrograms(): Telling {
  const line = (object: object) => process.stdout.write(`${JSON.stringify(object)}\n`);
  return { of: line, end: (summary) => void line({ summary }) };
}
