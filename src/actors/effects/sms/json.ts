export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/** What a JSON pointer (RFC 6901) leads to, if anything; `""` is the whole. */
export function at(value: unknown, pointer: string): unknown {
  let here = value;
  for (const raw of pointer.split("/").slice(1)) {
    const name = raw.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, name)) return undefined;
    here = (here as Record<string, unknown>)[name];
  }
  return here;
}

/** The word there, of a text or a figure: gateways write their ids as either. */
export function wordAt(value: unknown, pointer: string): string | undefined {
  const found = at(value, pointer);
  if (typeof found === "string" && found !== "") return found.slice(0, 200);
  return typeof found === "number" || typeof found === "boolean" ? String(found) : undefined;
}

/** JSON, or undefined. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
