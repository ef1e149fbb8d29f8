import { posix } from 'node:path';
import { changedLines } from '../../insight/changed-lines.ts';
import type { ChangedPath } from '../../insight/push.ts';
import type { Changes } from '../../model/changes.ts';
import type { LineRange } from '../../model/coverage.ts';
import type { Repository } from '../../system/repository.ts';

/** How commits are named to people. */
export function short(commit: string): string {
  return commit.slice(0, 7);
}

/** A patch that no configuration of the user's changes the shape of. */
const PATCH = [
  '-U0',
  '--inter-hunk-context=0',
  '-M',
  '--no-color',
  '--no-ext-diff',
  '--no-textconv',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--ignore-submodules=all',
];

/** Whatever folder the hook runs in and the user has set: paths from the top, in UTF-8. */
const PATHS = ['-c', 'diff.relative=false', '-c', 'core.quotePath=false'];

/** Paths that differ between two commits; null when git cannot compare them. A submodule that moves counts as a change of `.gitmodules`. */
export async function changedPaths(repo: Repository, base: string, commit: string): Promise<ChangedPath[] | null> {
  const text = await repo.git(
    ...PATHS,
    'diff',
    '--raw',
    '-z',
    '--no-renames',
    '--no-ext-diff',
    '--ignore-submodules=none',
    base,
    commit,
    '--',
  );
  if (text === null) return null;
  const parts = text.split('\0');
  const changed: ChangedPath[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const how = parts[at] ?? '';
    const isSubmodule = /^:(?:\d+ )?160000 /.test(how);
    changed.push({ path: isSubmodule ? '.gitmodules' : (parts[at + 1] ?? ''), isNewOrGone: /[AD]$/.test(how) });
  }
  return changed;
}

/** The lines that a commit adds or changes since another; without one, or when git cannot compare them, every line counts. */
export async function changesBetween(repo: Repository, base: string | null, commit: string, folder: string): Promise<Changes> {
  if (base === null) return { base: 'the beginning', files: null };
  const patch = await repo.git(...PATHS, 'diff', ...PATCH, base, commit, '--');
  return { base: short(base), files: patch === null ? null : inFolder(changedLines(patch), folder) };
}

/** The lines that the files of the checkout add or change since a commit, all of them without one; untracked files are new. */
export async function changesSince(repo: Repository, base: string | null, folder: string): Promise<Changes> {
  if (base === null) return { base: 'the beginning', files: null };
  const [patch, untracked] = await Promise.all([
    repo.git(...PATHS, 'diff', ...PATCH, base, '--'),
    repo.git('ls-files', '--others', '--exclude-standard', '-z', '--full-name'),
  ]);
  if (patch === null || untracked === null) return { base: short(base), files: null };
  const files = changedLines(patch);
  for (const path of untracked.split('\0')) if (path !== '') files.set(path, [[1, Number.MAX_SAFE_INTEGER]]);
  return { base: short(base), files: inFolder(files, folder) };
}

/** Where HEAD left its upstream branch, or the remote's main branch when it has none. */
export async function upstreamBase(repo: Repository): Promise<string | null> {
  const own = await baseWith(repo, '@{upstream}');
  if (own !== null) return own;
  const mains = ['HEAD', 'main', 'master'].map((name) => `refs/remotes/origin/${name}`);
  const there = (await repo.git('for-each-ref', '--format=%(refname)', ...mains))?.split('\n') ?? [];
  for (const main of mains.filter((name) => there.includes(name))) {
    // oxlint-disable-next-line no-await-in-loop -- the first that has something in common with HEAD
    const base = await baseWith(repo, main);
    if (base !== null) return base;
  }
  return null;
}

async function baseWith(repo: Repository, commit: string): Promise<string | null> {
  return (await repo.git('merge-base', 'HEAD', commit))?.split('\n')[0] || null;
}

function inFolder(files: ReadonlyMap<string, readonly LineRange[]>, folder: string): Map<string, readonly LineRange[]> {
  return new Map([...files].map(([path, ranges]) => [posix.relative(folder, path), ranges]));
}
