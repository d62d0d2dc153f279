/** EN 319 142-1 §6: a signature; with a time that others vouch for; with all that a check will need; kept fresh. */
export const padesLevels = ["B-B", "B-T", "B-LT", "B-LTA"] as const;
export type PadesLevel = (typeof padesLevels)[number];
