import { basename } from 'node:path';
import { readCoverageFlags } from './coverage-tool.ts';
import type { Bare, Scene } from './scene.ts';
import { asAssignment, quoted, type Word } from './shell-words.ts';

const CARRIERS = new Set(['exec', 'command', 'time', 'nice', 'nohup', 'builtin']);
const EXECUTORS: Readonly<Record<string, readonly string[]>> = {
  npx: [''], bunx: [''], pnpx: [''], npm: ['exec', 'x'], pnpm: ['exec', 'dlx'], yarn: ['exec', 'dlx', 'run'], bun: ['x', 'run'],
}; // prettier-ignore
const EXECUTOR_VALUES = /^(?:-p|--package|-w|--workspace|-C|--prefix|--cwd|--dir|--loglevel)$/;

/** The name of the program a word stands for: without its path when it comes from node_modules or is node itself. */
export function programOf(word: Word | undefined): string {
  const text = word?.text ?? '';
  const inPackage = /(?:^|\/)node_modules\/(?:\.bin\/([^/]+)|((?:@[^/]+\/)?[^/]+)\/.+)$/.exec(text);
  const name = inPackage?.[1] ?? inPackage?.[2];
  if (name !== undefined) return { typescript: 'tsc', '@playwright/test': 'playwright', '@biomejs/biome': 'biome' }[name] ?? name;
  return /^node(?:js)?(?:\.exe)?$/.test(basename(text)) ? 'node' : text;
}

/** Programs whose arguments are read here, so that a shell must expand them first. */
export const READS_ARGUMENTS: ReadonlySet<string> = new Set(
  'node tsx c8 nyc borp bnt glob cd export env cross-env cross-env-shell timeout dotenv'.split(' '),
);

/** Takes one wrapper off a command (`env`, `exec`, `npx`, c8 …); null when it has none. */
export function unwrap(bare: Bare, scene: Scene): Bare | null {
  const [first, ...rest] = bare.words;
  const program = programOf(first);
  if (CARRIERS.has(program)) return { ...bare, words: dropFlags(rest, /^(?:-n|-o|-f)$/) };
  if (program === 'timeout') return unwrapTimeout(bare, rest, scene);
  if (program === 'env' || program === 'cross-env') return unwrapEnv(bare, rest);
  if (program === 'c8' || program === 'nyc') return unwrapCoverage(bare, program, rest, scene);
  if (Object.hasOwn(EXECUTORS, program)) return unwrapExecutor(bare, program, rest);
  return null;
}

/** Whether a command only reports or checks coverage that another one measured (`c8 report`); takes over the limits it checks. */
export function isCoverageReport(words: readonly Word[], scene: Scene): boolean {
  const program = programOf(words[0]);
  if (program !== 'c8' && program !== 'nyc') return false;
  const args = textsOf(words.slice(1));
  const { commandAt } = readCoverageFlags(args, '');
  const verb = args[commandAt] ?? '';
  if (!['report', 'check-coverage', 'merge', 'instrument'].includes(verb)) return false;
  const { said } = readCoverageFlags(args.toSpliced(commandAt, 1), `${program} ${verb} in ${scene.key}`);
  scene.coverage.push(verb === 'check-coverage' ? { ...said, check: said.check ?? true } : said);
  return true;
}

export const textsOf = (words: readonly Word[]): string[] => words.map((word) => word.text ?? word.raw);

function unwrapEnv(bare: Bare, rest: readonly Word[]): Bare | null {
  const env: Record<string, string> = { ...bare.env };
  let at = 0;
  for (; at < rest.length; at += 1) {
    const text = rest[at]?.text ?? rest[at]?.raw ?? '';
    const assignment = asAssignment(text);
    if (assignment !== null) env[assignment.name] = text.slice(text.indexOf('=') + 1);
    else if (text === '-u') at += 1;
    else if (!text.startsWith('-')) break;
  }
  return { ...bare, env, words: rest.slice(at) };
}

function unwrapTimeout(bare: Bare, rest: readonly Word[], scene: Scene): Bare {
  const [, ...words] = dropFlags(rest, /^(?:-k|-s|--signal|--kill-after)$/);
  scene.notes.add('`timeout` around the tests was dropped: run.timeout in the configuration limits a run.');
  return { ...bare, words, ...rewritten(words) };
}

function unwrapCoverage(bare: Bare, program: string, rest: readonly Word[], scene: Scene): Bare {
  const { said, commandAt } = readCoverageFlags(textsOf(rest), `${program} in ${scene.key}`);
  scene.coverage.push(said);
  const command = rest.slice(commandAt);
  // `c8 --test x` runs node itself when what follows its own flags starts with a dash.
  const words = command[0]?.text?.startsWith('-') === true ? [quoted('node'), ...command] : command;
  scene.notes.add(`${program} around the tests was unwrapped: pushgate measures coverage itself.`);
  return { ...bare, words, ...rewritten(words) };
}

const rewritten = (words: readonly Word[]): Pick<Bare, 'raw' | 'changed'> => ({
  raw: words.map((word) => word.raw).join(' '),
  changed: true,
});

function unwrapExecutor(bare: Bare, program: string, rest: readonly Word[]): Bare | null {
  const verbs = EXECUTORS[program] ?? [];
  const verb = verbs.includes('') ? '' : (rest[0]?.text ?? '');
  const named = verbs.includes(verb);
  // `yarn c8 …`, `pnpm c8 …`, `yarn node …` run a program of the package when no script has the name.
  const bareName =
    !named && /^(?:yarn|pnpm|bun)$/.test(program) && /^[\w@./-]+$/.test(verb) && !verb.startsWith('-') && !MANAGER_VERBS.has(verb);
  if (!named && !bareName) return null;
  const words = dropFlags(named && verb !== '' ? rest.slice(1) : rest, EXECUTOR_VALUES);
  const call = rest.findIndex((word) => word.text === '-c' || word.text === '--call');
  if (call >= 0 && !bareName && /^(?:npx|npm)$/.test(program))
    return { ...bare, words: [quoted('sh'), quoted('-c'), ...rest.slice(call + 1, call + 2)] };
  const [first, ...others] = words;
  if (first?.text === undefined || first.text === null) return null;
  return { ...bare, words: [quoted(first.text.replace(/(?<=.)@[^/]*$/, '')), ...others] };
}

const MANAGER_VERBS = new Set(
  ('add install i ci remove up update upgrade audit publish pack link unlink why outdated list ls init config cache create dedupe import info store ' +
    'build test run workspace workspaces recursive deploy fetch licenses patch rebuild prune root bin setup plugin constraints version').split(' '),
); // prettier-ignore

/** Words behind leading flags, and behind a `--`. */
function dropFlags(words: readonly Word[], takesValue: RegExp): readonly Word[] {
  let at = 0;
  for (; at < words.length; at += 1) {
    const text = words[at]?.text ?? '';
    if (text === '--') return words.slice(at + 1);
    if (!text.startsWith('-')) break;
    if (takesValue.test(text)) at += 1;
  }
  return words.slice(at);
}
