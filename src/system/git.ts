import { execa } from 'execa';

/** Runs git and returns its standard output without the last line break; null when git fails, is missing, or `cwd` is no repository. */
export async function git(cwd: string, ...args: string[]): Promise<string | null> {
  const result = await execa('git', args, { cwd, reject: false, extendEnv: true, stdin: 'ignore' });
  return result.exitCode === 0 ? result.stdout : null;
}

/** Where a repository keeps what is ours: shared by its linked worktrees. Null outside a repository. */
export async function gitCommonDir(cwd: string): Promise<string | null> {
  return git(cwd, 'rev-parse', '--path-format=absolute', '--git-common-dir');
}

/** Variables of git that do not name a repository and that a test may need: how to reach a remote, where the user's configuration is. */
const KEPT = /^GIT_(SSH|SSH_COMMAND|ASKPASS|SSL_.*|CONFIG_GLOBAL|CONFIG_SYSTEM|CONFIG_NOSYSTEM|EXEC_PATH|TERMINAL_PROMPT)$/;

/**
 * The environment for everything pushgate starts: without what git exports into hooks, a superset of
 * `git rev-parse --local-env-vars`. Those name the user's repository, and a test that runs `git init` elsewhere would write into it.
 */
export function withoutGitVariables(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_') || KEPT.test(name)));
}
