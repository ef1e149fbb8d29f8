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

/**
 * The changes as a patch that `git apply` takes; `top` is the checkout's. Below `.git` it takes none: a change there is shown indented, as
 * what it passes over.
 */
export function diffOf(changes: readonly FileChange[], top: string): string {
  return changes
    .map((change) => {
      const name = relative(top, change.path).replaceAll('\\', '/');
      const indent = name.startsWith('.git/') ? '  ' : '';
      return [...headOf(change, clean(name)), ...lineDiff(change.before ?? '', change.after).map(shown)]
        .map((line) => `${indent}${line}\n`)
        .join('');
    })
    .join('\n');
}

function headOf({ before, executable }: FileChange, name: string): string[] {
  const made = before === null ? [`new file mode ${executable ? '100755' : '100644'}`] : [];
  return [`diff --git a/${name} b/${name}`, ...made, `--- ${before === null ? '/dev/null' : `a/${name}`}`, `+++ b/${name}`];
}

/** A line of a file, safe to print; the blanks that a patch needs stay as they are. */
function shown(line: string): string {
  const [, text = '', end = ''] = /^([^]*?)(\r?)$/.exec(line) ?? [];
  return `${text
    .split('\t')
    .map((part) => clean(part, 10_000))
    .join('\t')}${end}`;
}
