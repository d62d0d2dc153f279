import { type Scope, scopeNames } from "../actors/runtime/scopes.ts";

/** The column of a key that may do everything. */
export const everyScope = "*";

export function scopesIn(column: string): readonly Scope[] {
  if (column === everyScope) return scopeNames;
  const named = new Set(column.split(" "));
  return scopeNames.filter((scope) => named.has(scope));
}
