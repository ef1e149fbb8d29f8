import { delimiter, dirname } from 'node:path';

export type Env = Readonly<Record<string, string | undefined>>;

/** Variables of whatever runs around us that would change what a child process does or prints. */
const OUTER =
  /^(GIT_.*|NODE_TEST_CONTEXT|CI|CONTINUOUS_INTEGRATION|GITHUB_ACTIONS|GITLAB_CI|FORCE_COLOR|NO_COLOR|CLICOLOR.*|HUSKY|npm_(?!config_cache$).*)$/i;

/**
 * The environment for a child process that must behave the same wherever the tests run: nothing of an outer git, CI or npm, no colour, the
 * Node that runs us first on the PATH, and no configuration of the person at the keyboard. NODE_OPTIONS and NODE_V8_COVERAGE stay: a
 * pushgate around these tests counts what the children cover.
 */
export function childEnv(change: Env = {}): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(([name]) => !OUTER.test(name));
  return {
    ...Object.fromEntries(kept),
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    NO_COLOR: '1',
    TERM: 'dumb',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    ...change,
  };
}

/**
 * The same for a process whose own coverage cannot come through: it is killed, or may write no file. What it covered is nobody's loss, and a
 * pushgate around these tests need not miss it.
 */
export function unmeasured(env: Env): Env {
  return { ...env, PUSHGATE_RUN: undefined, NODE_V8_COVERAGE: undefined };
}
