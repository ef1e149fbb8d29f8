/** Lines under a heading. */
export function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}\n`).join('');
}
