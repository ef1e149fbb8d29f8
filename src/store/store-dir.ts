import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { cacheDir } from '../system/files.ts';
import { git } from '../system/git.ts';

/** Folders of the store. They may not exist yet. */
export type StoreDirs = {
  /** What every worktree of the repository shares. */
  readonly shared: string;
  /** What belongs to this checkout; git removes it together with the worktree. */
  readonly worktree: string;
};

/** Where the file runs of a checkout are kept. */
export function fileRunsDir({ worktree }: StoreDirs): string {
  return join(worktree, 'runs');
}

/** Where git keeps a checkout and its repository, absolute. */
type GitDirs = { readonly gitDir: string; readonly commonDir: string };

/**
 * The folders of the project at `root`: under the git directory, packages of one repository kept apart; outside a repository in the user's
 * cache folder, by a hash of the path. Git is asked for its directories unless they are `known`.
 */
export async function storeDirs(root: string, known?: GitDirs): Promise<StoreDirs> {
  const found = known ?? (await gitDirsOf(root));
  if (found === null) return outsideGit(root);
  const folder = join('pushgate', packageFolder(root));
  return { shared: join(found.commonDir, folder), worktree: join(found.gitDir, folder) };
}

async function gitDirsOf(root: string): Promise<GitDirs | null> {
  const [common, own] = (await git(root, 'rev-parse', '--git-common-dir', '--git-dir'))?.split('\n') ?? [];
  // Older gits answer relative to the folder they run in.
  return !common || !own ? null : { commonDir: resolve(root, common), gitDir: resolve(root, own) };
}

function outsideGit(root: string): StoreDirs {
  const id = createHash('sha256').update(resolve(root)).digest('hex').slice(0, 16);
  const dir = join(cacheDir(), 'projects', id);
  return { shared: dir, worktree: dir };
}

/** Empty for a project that is the whole checkout. Found without git, whose answer in a hook depends on what the hook exports. */
function packageFolder(root: string): string {
  for (let top = root; ; top = dirname(top)) {
    if (existsSync(join(top, '.git'))) return top === root ? '' : join('packages', encodeURIComponent(relative(top, root)));
    if (top === dirname(top)) return '';
  }
}
