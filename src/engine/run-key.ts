import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Config } from '../model/config.ts';
import type { Step, SuitePlan } from '../runners/plan.ts';
import { digestOf, readText } from '../system/files.ts';
import { linkedPackages } from '../system/linked-packages.ts';
import { installNotes } from '../system/modules.ts';
import type { RepoFiles } from '../system/repo-files.ts';
import type { States } from '../system/states.ts';

/** What every file run depends on, whatever its tests read. */
export type KeySource = {
  /** Of pushgate. */
  readonly version: string;
  readonly nodeVersion: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The project and the repository it is in; both absolute and real. */
  readonly root: string;
  readonly top: string;
  readonly plan: SuitePlan;
  readonly coverage: Pick<Config['coverage'], 'include' | 'exclude'>;
  readonly settings: Pick<Config['run'], 'env' | 'trustSubprocess'>;
  /** Whether everything depends on a file, by its path relative to the root. */
  readonly isInput: (path: string) => boolean;
};

/** Variables that change what Node or most test suites do; others count when `run.env` names them. */
const VARIABLES = ['NODE_ENV', 'NODE_OPTIONS', 'NODE_PATH', 'CI', 'TZ', 'LANG', 'LC_ALL'];
const MANIFESTS = /^(?:package\.json|tsconfig.*\.json|jsconfig\.json|\.npmrc|\.swcrc|babel\.config\..*|\.babelrc.*)$/;
const LOCK_FILES = ['npm-shrinkwrap.json', 'package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'];

/** The repository's files that the key is made of, relative to its top. */
export function filesOfKey({ root, top, plan, isInput }: KeySource, files: RepoFiles): string[] {
  const folder = relative(top, root);
  const below = (path: string): string => (folder === '' ? path : relative(folder, path));
  const named = plan.steps.flatMap((step) => pathsNamedIn(step, top).map(({ path }) => path));
  const isOfAll = (path: string): boolean => {
    const name = basename(path);
    return MANIFESTS.test(name) || LOCK_FILES.includes(name) || isInput(below(path));
  };
  return [...files.names.filter(isOfAll), ...files.links, ...named];
}

/** The key by what a person calls its parts; when one differs everything runs, and that part is named. */
export function runKey(source: KeySource, files: RepoFiles, states: States): Map<string, string> {
  const { root, top, plan } = source;
  const named = (paths: readonly string[]): string => digestOf(paths.map((path) => `${path} ${states.file(path)}`).join('\n'));
  const manifests = files.names.filter((path) => MANIFESTS.test(basename(path)));
  const effects = manifests.map(
    (path) => `${path} ${basename(path) === 'package.json' ? (states.notes(path)[0] ?? states.file(path)) : states.file(path)}`,
  );
  const folder = relative(top, root);
  const below = (path: string): string => (folder === '' ? path : relative(folder, path));
  return new Map([
    ['the version of pushgate', source.version],
    ['the Node version', source.nodeVersion],
    ['the machine', [process.platform, process.arch, hostname()].join(' ')],
    ['the test command', digestOf(JSON.stringify(plan.steps.map((step) => commandOf(step, root))))],
    ['what is measured', digestOf(JSON.stringify(source.coverage))],
    // What these name was or was not looked at in the runs that are kept.
    ['run.env or run.trustSubprocess', JSON.stringify([source.settings.env.toSorted(), source.settings.trustSubprocess])],
    ['the installed packages', `${lockFiles(root, top)} ${installNotes(root, top)}`],
    ['a package that is linked from outside the repository', linkedPackages(root, top)],
    ['a package.json or a compiler configuration', digestOf(effects.join('\n'))],
    ['a symbolic link', named(files.links)],
    // Fixtures: what is read below node_modules is not noted, and no lock file tells of these.
    ['a file below node_modules that git does not ignore', named(files.names.filter((path) => /(?:^|\/)node_modules\//.test(path)))],
    ['a file named in the test command', digestOf(plan.steps.flatMap((step) => filesNamedIn(step, top, states)).join('\n'))],
    ['the environment', digestOf(JSON.stringify(VARIABLES.map((name) => source.env[name] ?? null)))],
    ['a file of run.inputs', named(files.names.filter((path) => source.isInput(below(path))))],
  ]);
}

/** A step without its test files: those are looked at one by one. */
function commandOf(step: Step, root: string): unknown {
  return { ...step, cwd: relative(root, step.cwd), ...(step.kind === 'node-test' ? { files: [] } : {}) };
}

/** What Node reads by itself, before it runs anything of ours: `--env-file=.env`, `--import ./setup.mjs`. */
function filesNamedIn(step: Step, top: string, states: States): string[] {
  return pathsNamedIn(step, top).map(({ arg, path }) => `${arg} ${states.file(path)}`);
}

function pathsNamedIn(step: Step, top: string): { arg: string; path: string }[] {
  if (step.kind !== 'node-test') return [];
  return step.nodeArgs.flatMap((arg) => {
    const path = resolve(step.cwd, arg.replace(/^--?[\w-]+=/, ''));
    return path.startsWith(`${top}/`) && existsSync(path) ? [{ arg, path: relative(top, path) }] : [];
  });
}

/** Lock files, from the project upwards to the repository's top. */
function lockFiles(root: string, top: string): string {
  const texts: (string | null)[] = [];
  for (let dir = root; ; dir = dirname(dir)) {
    for (const name of LOCK_FILES) texts.push(readText(join(dir, name)));
    if (dir === top || dir === dirname(dir)) return digestOf(JSON.stringify(texts));
  }
}
