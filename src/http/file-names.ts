const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>:"/\\|?*]/gu;
/** Names that Windows gives to devices, with any ending. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const maxLetters = 120;

/** A name that any system can give to a file: one part of a path, with that ending (`.pdf`). */
export function safeFileName(name: string, ending: string): string {
  const clean = name.normalize("NFC").replace(unsafe, "_");
  const stem = clean.toLowerCase().endsWith(ending) ? clean.slice(0, -ending.length) : clean;
  const short = [...stem].slice(0, maxLetters).join("");
  const bare = short.replace(/^[.\s]+|[.\s]+$/gu, "");
  if (bare === "") return `document${ending}`;
  return `${device.test(bare) ? "_" : ""}${bare}${ending}`;
}

/** The same names, each once: the second `Lettre.pdf` is `Lettre (2).pdf`. Systems that take no case for a difference agree. */
export function uniqueFileNames(names: readonly string[], ending: string): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const file = safeFileName(name, ending);
    const stem = file.slice(0, -ending.length);
    let unique = file;
    for (let n = 2; taken.has(unique.toLowerCase()); n++) unique = `${stem} (${n})${ending}`;
    taken.add(unique.toLowerCase());
    return unique;
  });
}

/** RFC 6266, with RFC 8187 for what ASCII can't say. */
export function dispositionOf(disposition: "attachment" | "inline", file: string): string {
  const ascii = file.replace(/[^\x20-\x7e]|["\\%/]/g, "_");
  const extended = encodeURIComponent(file).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${disposition}; filename="${ascii}"; filename*=UTF-8''${extended}`;
}
