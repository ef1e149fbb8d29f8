import picocolors from 'picocolors';

type Env = Readonly<Record<string, string | undefined>>;

export type Colours = Pick<typeof picocolors, 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold'>;

/** CI services whose logs show ANSI colours, by the variable each sets. */
const RENDERS_ANSI = ['GITHUB_ACTIONS', 'GITEA_ACTIONS', 'GITLAB_CI', 'CIRCLECI', 'BUILDKITE', 'TRAVIS', 'DRONE', 'APPVEYOR', 'TF_BUILD'];

/** Whether the environment is a CI service whose log renders ANSI colours. */
function ciRendersAnsi(env: Env): boolean {
  return RENDERS_ANSI.some((name) => (env[name] ?? '') !== '');
}

/**
 * Whether to colour: the flag (`--color` true, `--no-color` false, null when neither), then NO_COLOR, FORCE_COLOR, TERM=dumb, and
 * last whether the stream is a terminal or a CI log that renders ANSI. Decided once per process and stream.
 */
export function wantsColour(facts: { flag: boolean | null; env: Env; isTTY: boolean }): boolean {
  const { flag, env, isTTY } = facts;
  if (flag !== null) return flag;
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced.toLowerCase() !== 'false';
  if (env['TERM'] === 'dumb') return false;
  return isTTY || ciRendersAnsi(env);
}

/** The colour functions; all of them the identity when colour is off. */
export function coloursFor(enabled: boolean): Colours {
  return picocolors.createColors(enabled);
}
