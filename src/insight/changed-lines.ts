import type { LineRange } from '../model/coverage.ts';

/**
 * The lines that a patch of `git diff --unified=0` adds or changes, by the file's path after it. Removed files and pure renames have none.
 * Hunks are counted through, so that an added line which looks like a header is none.
 */
export function changedLines(patch: string): Map<string, LineRange[]> {
  const files = new Map<string, LineRange[]>();
  let file: string | null = null;
  const left = { removed: 0, added: 0 };
  for (const line of patch.split('\n')) {
    if (line.startsWith('\\')) continue;
    if (left.removed > 0 || left.added > 0) {
      if (!line.startsWith('+')) left.removed -= 1;
      if (!line.startsWith('-')) left.added -= 1;
      continue;
    }
    if (line.startsWith('diff --git ')) file = null;
    else if (line.startsWith('+++ ')) file = pathAfter(line.slice(4));
    else {
      const hunk = hunkOf(line);
      if (hunk === null) continue;
      Object.assign(left, { removed: hunk.removed, added: hunk.added });
      if (file !== null && hunk.added > 0) files.set(file, [...(files.get(file) ?? []), [hunk.from, hunk.from + hunk.added - 1]]);
    }
  }
  return files;
}

function hunkOf(line: string): { removed: number; from: number; added: number } | null {
  const match = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
  return match && { removed: Number(match[1] ?? 1), from: Number(match[2]), added: Number(match[3] ?? 1) };
}

/** `b/path`, or the same in quotes with C escapes when the path holds what git does not print. `/dev/null` is no file. */
function pathAfter(written: string): string | null {
  const name = written.startsWith('"') ? unquoted(written) : written.replace(/\t$/, '');
  return name.startsWith('b/') ? name.slice(2) : null;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
]);

/** Octal escapes are bytes of UTF-8, so a run of them is read together. */
function unquoted(written: string): string {
  const inner = written.slice(1, written.lastIndexOf('"'));
  return inner.replace(/(?:\\[0-7]{3})+|\\./gs, (escape) => {
    if (!/^\\[0-7]{3}/.test(escape)) return ESCAPES.get(escape.slice(1)) ?? escape.slice(1);
    const bytes = escape
      .split('\\')
      .slice(1)
      .map((octal) => `%${Number.parseInt(octal, 8).toString(16).padStart(2, '0')}`);
    try {
      return decodeURIComponent(bytes.join(''));
    } catch {
      return '\ufffd';
    }
  });
}
