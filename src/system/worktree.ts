import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { cacheDir } from './files.ts';
import { tryLock } from './lock.ts';
import type { Repository } from './repository.ts';
import { fillSubmodules } from './submodules.ts';

/** A commit checked out for us alone, outside the repository. `release` leaves the folder for the next run. */
export type PrivateCopy = { readonly dir: string; readonly release: () => void };

/** Runs at once in one repository; more than that wait for nobody, they fail. */
const SLOTS = 64;

/**
 * No hook of the user's runs and no daemon starts for a copy; `git checkout` alone never reaches into submodules. Many files are written by
 * as many processes as there are processors: most of the time of a new copy is waiting for the disk.
 */
const QUIETLY = ['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'submodule.recurse=false', 'checkout.workers=0'].flatMap((setting) => [
  '-c',
  setting,
]);

/**
 * Checks a commit out in the first slot that no other process uses. Nothing of the user's is touched: not the work tree, index, branches,
 * stash or configuration; git keeps its notes on the copy beside those on linked worktrees. Throws with git's words when that fails.
 */
export async function openPrivateCopy(repo: Repository, commit: string): Promise<PrivateCopy> {
  const folder = join(cacheDir(), repositoryId(repo));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const dir = join(realpathSync(folder), `wt-${slot}`);
    const release = tryLock(`${dir}.lock`);
    if (release === null) continue;
    try {
      // oxlint-disable-next-line no-await-in-loop -- the first slot that is free is the last one asked
      await checkOut(repo, dir, commit);
      return { dir, release };
    } catch (error) {
      release();
      throw error;
    }
  }
  throw new Error(`All ${SLOTS} private copies of this repository are in use: ${folder}`);
}

/** Readable, and different for repositories of one name. */
function repositoryId({ commonDir }: Repository): string {
  const real = realpathSync(commonDir);
  const name = basename(basename(real) === '.git' ? dirname(real) : real).replaceAll(/[^\w.-]/g, '_');
  return `${name}-${createHash('sha256').update(real).digest('hex').slice(0, 16)}`;
}

async function checkOut(repo: Repository, dir: string, commit: string): Promise<void> {
  if (!(await reuse(repo, dir, commit))) await checkOutAnew(repo, dir, commit);
  await fillSubmodules(repo, dir, commit);
}

async function checkOutAnew(repo: Repository, dir: string, commit: string): Promise<void> {
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  // Twice forced: the slot is ours, and git may still know it from a run that was killed while it was made.
  const added = await repo.run([...QUIETLY, 'worktree', 'add', '--force', '--force', '--detach', dir, commit]);
  if (added.code !== 0) throw new Error(`git worktree add failed: ${added.stderr.trim()}`);
}

/** Brings a copy of an earlier run to a commit; false when there is none, or it cannot be trusted. */
async function reuse(repo: Repository, dir: string, commit: string): Promise<boolean> {
  const gitDir = ownGitDir(repo, dir);
  if (gitDir === null) return false;
  // Left by a git that was killed; nobody else works in this slot.
  for (const name of ['index.lock', 'HEAD.lock']) rmSync(join(gitDir, name), { force: true });
  const inCopy = (...args: string[]) => repo.run([...QUIETLY, '-C', dir, ...args], { env: { GIT_DIR: gitDir, GIT_WORK_TREE: dir } });
  // Not `reset`: were the copy on a branch, that would move it.
  const checkedOut = await inCopy('checkout', '--quiet', '--force', '--detach', commit);
  return checkedOut.code === 0 && (await inCopy('clean', '-ffdxq')).code === 0;
}

/**
 * Git's folder for a copy, when both still name each other. Without this a copy that lost its `.git` would be looked for in the folders
 * above, and another repository found there.
 */
function ownGitDir(repo: Repository, dir: string): string | null {
  try {
    const gitDir = resolve(
      dir,
      readFileSync(join(dir, '.git'), 'utf8')
        .replace(/^gitdir: /, '')
        .trim(),
    );
    const known = realpathSync(dirname(gitDir)) === join(realpathSync(repo.commonDir), 'worktrees');
    const back = resolve(gitDir, readFileSync(join(gitDir, 'gitdir'), 'utf8').trim());
    return known && back === join(dir, '.git') && existsSync(join(gitDir, 'HEAD')) ? gitDir : null;
  } catch {
    return null;
  }
}
