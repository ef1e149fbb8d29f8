import { delimiter, isAbsolute, sep } from 'node:path';
import { outputOf, type Output, type OutputOptions } from './output.ts';

/** Runs git in exactly this environment. Never throws. */
export function runGit(args: readonly string[], { env, ...options }: OutputOptions): Promise<Output> {
  return outputOf('git', args, { ...options, env: { ...env, PATH: withoutPackageBins(env['PATH'] ?? '') } });
}

/** Runs git in the environment of this process and returns its standard output without the last line break; null when git fails, is missing, or `cwd` is no repository. */
export async function git(cwd: string, ...args: string[]): Promise<string | null> {
  const { code, stdout } = await runGit(args, { cwd, env: process.env });
  return code === 0 ? stdout.toString('utf8').replace(/\r?\n$/, '') : null;
}

/** Husky and npm put folders of packages first, where any dependency could stand in for git. */
function withoutPackageBins(path: string): string {
  const kept = path.split(delimiter).filter((dir) => isAbsolute(dir) && !dir.endsWith(`node_modules${sep}.bin`));
  return kept.join(delimiter);
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
