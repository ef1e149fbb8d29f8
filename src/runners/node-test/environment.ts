import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withoutGitVariables } from '../../system/git.ts';
import { ownPath } from '../../system/own-package.ts';
import { scriptPath } from '../../system/script-path.ts';
import type { Track } from '../runner.ts';
import { readPackage } from './script/packages.ts';

type Env = Record<string, string | undefined>;

/** Variables of an outer test run that would make the inner one skip, miscount or lose its coverage. */
const OUTER_RUN = /^(NODE_TEST_CONTEXT|NODE_V8_COVERAGE|NODE_COMPILE_CACHE|JEST_WORKER_ID|VITEST.*|PUSHGATE_.*)$/;

/** Our files that run inside the user's processes: always the built ones, since not every Node that runs tests reads TypeScript. */
const asset = (name: string): string => ownPath(`dist/src/runners/node-test/${name}`);

export const reporterUrl = (): string => pathToFileURL(asset('reporter.js')).href;

/** NODE_OPTIONS with our preloads first, and without those of a pushgate around this one. */
function withPreloads(nodeOptions: string | undefined, names: readonly string[]): string {
  const theirs = (nodeOptions ?? '').replace(/--require "(?:[^"\\]|\\.)*(?:preload|trace|compile-cache)\.cjs" ?/g, '');
  const ours = names.map((name) => `--require "${asset(name).replace(/[\\"]/g, '\\$&')}"`);
  return [...ours, theirs].join(' ').trim();
}

/**
 * What npm tells a test script of itself, so that tests find the same in a hook, under npx and in a private copy: there a variable of the
 * terminal's would be missing, or lead to the checkout.
 */
function ofNpm(root: string): Env {
  const { name, version }: Readonly<Record<string, unknown>> = readPackage(root)?.json ?? {};
  return {
    NODE: process.execPath,
    INIT_CWD: root,
    npm_node_execpath: process.execPath,
    npm_command: 'test',
    npm_lifecycle_event: 'test',
    npm_package_json: join(root, 'package.json'),
    npm_package_name: typeof name === 'string' ? name : '',
    npm_package_version: typeof version === 'string' ? version : '',
  };
}

/** What a step's processes get on top of the user's environment. */
export type SuiteEnvironment = {
  readonly root: string;
  /** Where the step runs. */
  readonly cwd: string;
  readonly user: Readonly<Env>;
  /** The script's own assignments. */
  readonly step: Readonly<Env>;
  readonly runDir: string;
  /** Where V8 writes coverage; null to run bare. */
  readonly rawDir: string | null;
  /** What our second preload is told of the cache of bytecode; null to do without. */
  readonly turbo: string | null;
  readonly inProcess: boolean;
  readonly track: Track | null;
  /** Whether the test files tell where their time goes. */
  readonly trace: boolean;
  /** Reporter options for NODE_OPTIONS, for a command that runs as it is. */
  readonly reporterOptions: string | null;
};

/** The environment of a step: the user's, cleaned of git's and outer runs' variables, with our preloads in every Node process. */
export function suiteEnv(suite: SuiteEnvironment): Env {
  const env: Env = { ...withoutGitVariables(suite.user), ...ofNpm(suite.root), ...suite.step };
  for (const name of Object.keys(env)) if (OUTER_RUN.test(name)) delete env[name];
  // The tracer before the preload: it has to see what the preload does not count as the test's.
  const ours = [...(suite.turbo === null ? [] : ['compile-cache.cjs']), ...(suite.trace ? ['trace.cjs'] : []), 'preload.cjs'];
  const options = withPreloads(env['NODE_OPTIONS'], ours);
  return {
    ...env,
    PATH: scriptPath(suite.cwd, env['PATH']),
    NODE_OPTIONS: suite.reporterOptions === null ? options : `${options} ${suite.reporterOptions}`,
    // Bytecode from a cache reports functions that never ran as absent: coverage would be wrong without a word. Turbo's preload makes an
    // exception for its own cache, which holds none of the sources.
    NODE_DISABLE_COMPILE_CACHE: '1',
    PUSHGATE_RUN: suite.runDir,
    // Named even when there is none: Node hands its own on to children whose environment does not name it.
    NODE_V8_COVERAGE: suite.rawDir ?? undefined,
    ...(suite.track === null ? {} : { PUSHGATE_TRACK: JSON.stringify(suite.track) }),
    ...(suite.trace ? { PUSHGATE_TRACE: suite.root } : {}),
    ...(suite.turbo === null ? {} : { PUSHGATE_TURBO: suite.turbo }),
    ...(suite.inProcess ? { PUSHGATE_IN_PROCESS: '1' } : {}),
    ...(suite.reporterOptions === null ? {} : { PUSHGATE_NODE_OPTIONS: options }),
  };
}
