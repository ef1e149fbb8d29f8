import { delimiter, isAbsolute, sep } from 'node:path';
import { execa } from 'execa';

/** Runs git and returns its standard output without the last line break; null when git fails, is missing, or `cwd` is no repository. */
export async function git(cwd: string, ...args: string[]): Promise<string | null> {
  const result = await execa('git', args, { cwd, reject: false, extendEnv: true, stdin: 'ignore' });
  return result.exitCode === 0 ? result.stdout : null;
}

/** How a git command ended. `code` is null when it could not start or was ended by a signal. */
export type GitOutput = { readonly code: number | null; readonly stdout: Buffer; readonly stderr: string };

/** Runs git in exactly this environment; output as bytes, since it may hold file contents. Never throws. */
export async function runGit(
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>>; readonly input?: string | undefined },
): Promise<GitOutput> {
  const result = await execa('git', args, {
    cwd: options.cwd,
    env: { ...options.env, PATH: withoutPackageBins(options.env['PATH'] ?? '') },
    extendEnv: false,
    reject: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    input: options.input ?? '',
  });
  const bytes = (output: Uint8Array | undefined): Buffer => Buffer.from(output ?? []);
  return { code: result.exitCode ?? null, stdout: bytes(result.stdout), stderr: bytes(result.stderr).toString('utf8') };
}

/** Husky and npm put folders of packages first, where any dependency could stand in for git. */
function withoutPackageBins(path: string): string {
  const kept = path.split(delimiter).filter((dir) => isAbsolute(dir) && !dir.endsWith(`node_modules${sep}.bin`));
  return kept.join(delimiter);
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
