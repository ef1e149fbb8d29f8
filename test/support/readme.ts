import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE } from './package.ts';

const PATH = join(PACKAGE, 'README.md');

/** The README as it stands. */
export function readme(): string {
  return readFileSync(PATH, 'utf8');
}

const BLOCK = /<!-- (shows|file|exclude)(?:: (\S+))? -->\n```(\w+)\n([^]*?)```\n/g;

/** A block of the README that comes from the program or from the example. */
export type Block = { readonly kind: string; readonly name: string; readonly text: string };

/** All marked blocks. */
export function blocksIn(text: string): Block[] {
  return [...text.matchAll(BLOCK)].map(([, kind = '', name = '', , content = '']) => ({ kind, name, text: content }));
}

/** Writes what the program shows into the README's blocks. */
export function writeBlocks(shown: ReadonlyMap<string, string>): void {
  const text = readme().replace(BLOCK, (whole, kind: string, name: string, language: string) => {
    const now = kind === 'shows' ? shown.get(name) : undefined;
    return now === undefined ? whole : `<!-- shows: ${name} -->\n\`\`\`${language}\n${now}\`\`\`\n`;
  });
  writeFileSync(PATH, text);
}

const isRow = (line: string | undefined): boolean => /^ +(TIME +\d+ +)?test\//.test(line ?? '');

/**
 * What must be equal however fast the machine and whatever the day: times, dates and commits become letters, rows of test files are sorted,
 * and columns have no width.
 */
export function normal(text: string): string {
  const lines = text
    // Said only where the machine was slower than it had been: the README has to be true on any.
    .replace(/^.* on the reference machine \(.*\n/gm, '')
    .replace(/\b\d{4}-\d\d-\d\d\b/g, 'DATE')
    .replace(/\b\d\d:\d\d(:\d\d)?\b/g, 'TIME')
    .replace(/\b[0-9a-f]{7}(\.\.[0-9a-f]{7})?\b/g, 'COMMIT')
    .replace(/\b\d+(\.\d+)? m?s\b/g, 'TIME')
    .replace(/\b(\d+ seconds? ago|just now)\b/g, 'AGO')
    .replace(/\b(Node|Git) \d+(\.\d+)+\S*/g, '$1 VERSION')
    .replace(/"ceiling": "\d+s"/g, '"ceiling": "TIME"')
    .replace(/ {2,}/g, '  ')
    .split('\n')
    .map((line) => line.trimEnd());
  const sorted: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const rows: string[] = [];
    while (isRow(lines[at])) rows.push(lines[at++] ?? '');
    sorted.push(...rows.toSorted(), lines[at] ?? '');
  }
  return sorted.join('\n');
}
