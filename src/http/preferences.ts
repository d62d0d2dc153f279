import type { Request } from "express";

/** The longest that a request may ask to wait: proxies close a connection that is silent for a minute. */
const maxWaitSeconds = 30;

/** What a caller would rather have (RFC 7240). */
export interface Preferences {
  /** How long an outcome may be waited for; 0: not at all. Absent: the caller doesn't say. */
  waitSeconds?: number;
  /** The answer needs no more than the id and the version. */
  isMinimal: boolean;
}

/** The `Prefer` header of a request. What is malformed, unknown or said a second time is ignored (RFC 7240, 2). */
export function preferencesOf(request: Request): Preferences {
  const stated = new Map<string, string>();
  for (const one of split(request.get("Prefer") ?? "", ",")) {
    const [, name, token, quoted] = preference.exec((split(one, ";")[0] ?? "").trim()) ?? [];
    if (name === undefined || stated.has(name.toLowerCase())) continue;
    stated.set(name.toLowerCase(), token ?? quoted ?? "");
  }
  const wait = stated.get("wait") ?? "";
  return {
    ...(/^\d{1,9}$/.test(wait) && { waitSeconds: Math.min(Number(wait), maxWaitSeconds) }),
    isMinimal: stated.get("return") === "minimal",
  };
}

/** A name, and a token or a quoted string after `=`; parameters were cut off before. */
const preference = /^([\w!#$%&'*+.^`|~-]+)(?:[ \t]*=[ \t]*(?:([\w!#$%&'*+.^`|~-]+)|"([^"\\]*)"))?$/;

/** The parts between separators that stand outside quotes; in time that grows with the length only. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (isQuoted && text[i] === "\\") i++;
    else if (text[i] === '"') isQuoted = !isQuoted;
    else if (!isQuoted && text[i] === separator) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)];
}
