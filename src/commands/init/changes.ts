import { chmodSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { usageError } from '../../model/error.ts';
import { lineDiff } from '../../report/line-diff.ts';
import { clean } from '../../report/units.ts';
import { writeText } from '../../system/files.ts';

/** A file that init creates or changes. */
export type FileChange = {
  readonly path: string;
  /** Null for a file that does not exist yet. */
  readonly before: string | null;
  readonly after: string;
  /** What is in it that was not before, for the screen. */
  readonly says: string;
  /** Whether git starts it itself, so that it has to be executable. */
  readonly executable: boolean;
};

/** A file's text as it is, a byte order mark included; null when there is none. */
export function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw usageError(`${path} cannot be read: ${message}`, 'Make it a readable file, or move it out of the way.');
  }
}

/** The change of a file to a new text; none when it is that already. */
export function changeOf(path: string, after: string, says: string, executable = false): FileChange[] {
  const before = textOf(path);
  return before === after ? [] : [{ path, before, after, says, executable }];
}

/** Writes the changes, each file at once. Throws a usage error that names the file which cannot be written. */
export async function writeChanges(changes: readonly FileChange[]): Promise<void> {
  for (const { path, before, after, executable } of changes) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- in the order in which they are told
      await writeText(path, after);
      if (executable && before === null) chmodSync(path, 0o755);
    } catch (error) {
      throw usageError(
        `${path} cannot be written: ${(error as Error).message}`,
        'Make it writable, then run  pushgate init  again: what is there already stays.',
      );
    }
  }
}

/** The changes as `diff -u` shows them; paths are relative to `cwd`. */
export function diffOf(changes: readonly FileChange[], cwd: string): string {
  return changes
    .map(({ path, before, after }) => {
      const name = clean(relative(cwd, path).replaceAll('\\', '/'));
      const lines = before === null ? [`@@ -0,0 +1 @@`, ...added(after)] : lineDiff(before, after);
      return [`--- ${before === null ? '/dev/null' : name}`, `+++ ${name}`, ...lines.map(shown)].map((line) => `${line}\n`).join('');
    })
    .join('\n');
}

function added(text: string): string[] {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => `+${line}`);
}

/** A line of a file, safe to print; tabs of its indentation stay blanks. */
function shown(line: string): string {
  return clean(line.replace(/\r$/, '').replaceAll('\t', '  '), 2_000);
}
