import { copyFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { textOf, type Repository } from './repository.ts';
import { makeDir, makeTempDir, removeDir } from './temp.ts';

/** The files of a checkout, in git's words; paths are relative to the top. */
export type WorkTree = {
  /** The commit that is checked out; null before the first one. */
  readonly head: string | null;
  /** The tree of that commit. */
  readonly tree: string | null;
  /** Where the files or the index differ from it, untracked files and changes inside submodules included. */
  readonly changed: readonly string[];
  /** Untracked and ignored; a folder of which nothing is tracked stands for what is in it, with a slash at its end. */
  readonly ignored: readonly string[];
  /** Tracked files whose changes git was told not to see, or that it was told not to check out. */
  readonly unwatched: readonly string[];
};

/** Reads the state of a checkout without touching it; null when git cannot tell. */
export async function readWorkTree(repo: Repository): Promise<WorkTree | null> {
  const status = ['status', '--porcelain', '-z', '--untracked-files=normal', '--ignored=traditional', '--ignore-submodules=none'];
  const [head, entries, flags] = await Promise.all([
    repo.run(['cat-file', '--batch-check=%(objectname)'], { input: 'HEAD^{commit}\nHEAD^{tree}\n' }),
    repo.git(...status),
    repo.git('ls-files', '-v', '-z'),
  ]);
  if (entries === null || flags === null) return null;
  const [commit, ofCommit] = parseObjects(textOf(head));
  return { head: commit, tree: ofCommit, ...parseStatus(entries), unwatched: parseFlags(flags) };
}

/** Before the first commit there are none: `HEAD^{commit} missing`. */
function parseObjects(text: string | null): [string | null, string | null] {
  const [commit = '', tree = ''] = text?.split('\n') ?? [];
  const isName = /^[0-9a-f]+$/;
  return isName.test(commit) && isName.test(tree) ? [commit, tree] : [null, null];
}

function parseStatus(text: string): Pick<WorkTree, 'changed' | 'ignored'> {
  const changed: string[] = [];
  const ignored: string[] = [];
  const entries = text.split('\0').filter((entry) => entry !== '');
  for (let at = 0; at < entries.length; at += 1) {
    const entry = entries[at] ?? '';
    const kind = entry.slice(0, 2);
    (kind === '!!' ? ignored : changed).push(entry.slice(3));
    // A rename is followed by where it came from.
    if (/[RC]/.test(kind)) at += 1;
  }
  return { changed, ignored };
}

/** Small letters mark assumed-unchanged files, `S` those left out of the checkout. */
function parseFlags(text: string): string[] {
  return text
    .split('\0')
    .filter((entry) => /^[a-zS] /.test(entry))
    .map((entry) => entry.slice(2));
}

/**
 * The tree that a commit of all files as they stand would have: what is staged, changed and untracked. Made from a copy of the index, with
 * new objects in a folder of ours. Null when a commit would not hold all there is (changes inside a submodule) or git fails.
 */
export async function treeOfFiles(repo: Repository): Promise<string | null> {
  const dir = temporary();
  if (dir === null) return null;
  try {
    const index = join(dir, 'index');
    copyIndex(join(repo.gitDir, 'index'), index);
    const env = {
      GIT_INDEX_FILE: index,
      GIT_OBJECT_DIRECTORY: makeDir(dir, 'objects'),
      GIT_ALTERNATE_OBJECT_DIRECTORIES: join(repo.commonDir, 'objects'),
    };
    const run = (...args: string[]) => repo.run(['-c', 'core.fsmonitor=false', '-c', 'core.compression=0', ...args], { env });
    if ((await run('add', '--all', '.')).code !== 0) return null;
    if ((await run('diff-files', '--quiet', '--ignore-submodules=none')).code !== 0) return null;
    return textOf(await run('write-tree'));
  } finally {
    removeDir(dir);
  }
}

/**
 * Copies an index with its time, in whole seconds. By that time git knows which files may have changed since without showing it: a newer
 * copy would pass a file off as unchanged that was changed within a second of the index, to the same size.
 */
function copyIndex(from: string, to: string): void {
  const time = statSync(from, { throwIfNoEntry: false })?.mtime;
  if (time === undefined) return;
  copyFileSync(from, to);
  const seconds = Math.floor(time.getTime() / 1000);
  utimesSync(to, seconds, seconds);
}

/** Null where none can be made: then nothing is remembered, and the run says why it cannot be. */
function temporary(): string | null {
  try {
    return makeTempDir();
  } catch {
    return null;
  }
}
