import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { runGit, withoutGitVariables, type GitOutput } from './git.ts';

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
  readonly run: (args: readonly string[], options?: { input?: string; env?: Env }) => Promise<GitOutput>;
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
export function textOf(output: GitOutput): string | null {
  return output.code === 0 ? output.stdout.toString('utf8').replace(/\n$/, '') : null;
}

type Found = Pick<Repository, 'gitDir' | 'commonDir' | 'top'>;

async function locate(cwd: string, env: Env): Promise<Found | null> {
  const ask = async (...args: string[]): Promise<string | null> => textOf(await runGit(['rev-parse', ...args], { cwd, env }));
  const lines = (await ask('--absolute-git-dir', '--git-common-dir', '--is-inside-work-tree'))?.split('\n');
  const [gitDir, common, inside] = lines ?? [];
  if (!gitDir || !common) return null;
  const top = linkedTop(gitDir) ?? (inside === 'true' ? await topOf(gitDir, cwd, env, ask) : null);
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

async function topOf(gitDir: string, cwd: string, env: Env, ask: (...args: string[]) => Promise<string | null>): Promise<string | null> {
  const clean = withoutGitVariables(env);
  const discovered = textOf(await runGit(['rev-parse', '--absolute-git-dir', '--show-toplevel'], { cwd, env: clean }))?.split('\n');
  return discovered?.[0] === gitDir ? (discovered[1] ?? null) : ask('--show-toplevel');
}
