/** An instant as the API says it: ISO 8601 in UTC. */
export function iso(instant: number): string {
  return new Date(instant).toISOString();
}
