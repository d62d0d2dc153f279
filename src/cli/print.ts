/** One JSON object for programs, or lines for people. */
export function printResult(result: object, json: boolean | undefined, lines: string[]): void {
  process.stdout.write(`${json ? JSON.stringify(result) : lines.join("\n")}\n`);
}
