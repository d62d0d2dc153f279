/** What an API key may do. `read` reads everything; the others change what they name, and read that. */
export const scopeNames = [
  "read",
  "collectes",
  "contacts",
  "members",
  "firm",
  "keys",
  /** To act for a member (`Acting-Member`), where a right is asked for that the firm itself has not. */
  "act_for_members",
] as const;

export type Scope = (typeof scopeNames)[number];
