import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { runGit, withoutGitVariables } from './git.ts';
import type { Output } from './output.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** A repository that was found once: every call names it, whatever a hook exports and wherever it runs. */
export type Repository = {
  /** Of this checkout, absolute. */
  readonly gitDir: string;
  /** What the linked worktrees of the repository share, absolute. */
  readonly commonDir: string;
  /** The top folder of the work tree; null in a bare repository. */
  readonly top: string | null;
  /** Runs git in the work tree; standard output without the last line break, null when git fails. Never locks the index to refresh it. */
  readonly git: (...args: string[]) => Promise<string | null>;
  /** The same with a standard input, a changed environment, or bytes as they are. */
  readonly run: (args: readonly string[], options?: { input?: string; env?: Env }) => Promise<Output>;
};

/** Finds the repository as git itself does, by folder and exported variables; null outside one. */
export async function openRepository(cwd: string, env: Env): Promise<Repository | null> {
  const found = await locate(cwd, env);
  if (found === null) return null;
  const { gitDir, commonDir, top } = found;
  const own: Env = {
    ...withoutGitVariables(env),
    GIT_DIR: gitDir,
    ...(top === null ? {} : { GIT_WORK_TREE: top }),
    GIT_OPTIONAL_LOCKS: '0',
  };
  const run: Repository['run'] = (args, options = {}) =>
    runGit(args, { cwd: top ?? gitDir, env: { ...own, ...options.env }, input: options.input });
  return { gitDir, commonDir, top, run, git: async (...args) => textOf(await run(args)) };
}

/** Text without the last line break, as git's answers are read; null for a git that failed. */
export function textOf(output: Output): string | null {
  return output.code === 0 ? output.stdout.toString('utf8').replace(/\n$/, '') : null;
}

type Found = Pick<Repository, 'gitDir' | 'commonDir' | 'top'>;

async function locate(cwd: string, env: Env): Promise<Found | null> {
  const asked = ['rev-parse', '--absolute-git-dir', '--git-common-dir', '--is-inside-work-tree', '--show-toplevel'];
  const { stdout } = await runGit(asked, { cwd, env });
  // Where there is no work tree git fails at the last one, after it has answered the others.
  const [gitDir, common, inside, shown] = stdout.toString('utf8').split('\n');
  if (!gitDir || !common) return null;
  const top = linkedTop(gitDir) ?? (inside === 'true' && shown ? await topOf({ gitDir, shown }, cwd, env) : null);
  return { gitDir, commonDir: resolve(cwd, common), top };
}

/** Where a linked worktree stands: git takes any folder for its top when only GIT_DIR is exported. */
function linkedTop(gitDir: string): string | null {
  try {
    return dirname(resolve(gitDir, readFileSync(resolve(gitDir, 'gitdir'), 'utf8').trim()));
  } catch {
    return null;
  }
}

/** Git takes the folder it runs in for the top when a hook exports only GIT_DIR; what it finds by itself is asked for then. */
async function topOf({ gitDir, shown }: { gitDir: string; shown: string }, cwd: string, env: Env): Promise<string> {
  const clean = withoutGitVariables(env);
  if (Object.keys(env).every((name) => name in clean)) return shown;
  const discovered = textOf(await runGit(['rev-parse', '--absolute-git-dir', '--show-toplevel'], { cwd, env: clean }))?.split('\n');
  return discovered?.[0] === gitDir && discovered[1] ? discovered[1] : shown;
}
