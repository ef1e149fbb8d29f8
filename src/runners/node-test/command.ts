import { join } from 'node:path';
import type { Test } from '../../model/test-run.ts';
import type { NodeScriptStep, NodeTestStep, ObservedStep, Step } from '../plan.ts';
import { reporterUrl } from './environment.ts';

/** A command and its arguments; `reporterOptions` go into NODE_OPTIONS when the command cannot take them itself. */
export type Invocation = { readonly args: readonly string[]; readonly reporterOptions: string | null };

/** Several test files share one process: no file has coverage of its own. */
export function isInProcess(step: Step): boolean {
  if (step.kind === 'node-script') return true;
  return step.kind === 'node-test' && step.nodeArgs.some((arg) => /^--(experimental-)?test-isolation=none$/.test(arg));
}

/** How many test files the step runs at the same time; node:test leaves one core free by default. */
export function workersOf(step: Step, cores: number): number {
  if (step.kind !== 'node-test' || isInProcess(step)) return 1;
  const args = step.nodeArgs;
  const index = args.findIndex((arg) => arg.startsWith('--test-concurrency'));
  const value = index < 0 ? Number.NaN : Number(args[index]?.split('=')[1] ?? args[index + 1]);
  return Number.isInteger(value) && value > 0 ? value : Math.max(1, cores - 1);
}

const nodeMajor = (): number => Number(process.versions.node.split('.')[0]);

const ours = (): string[] => [`--test-reporter=${reporterUrl()}`, '--test-reporter-destination=stdout'];

/**
 * Reporter flags for the command line: the script's own, each with a destination (node:test pairs them by position and refuses a single
 * one without beside ours), else, when output passes through, the one Node would have chosen; ours last.
 */
function reporterArgs(theirs: readonly string[], passThrough: boolean, isTty: boolean): string[] {
  if (theirs.length === 0 && !passThrough) return ours();
  const names = theirs.filter((arg) => arg.startsWith('--test-reporter='));
  const destinations = theirs.filter((arg) => arg.startsWith('--test-reporter-destination='));
  if (names.length === 0) names.push(`--test-reporter=${defaultReporter(isTty)}`);
  while (destinations.length < names.length) destinations.push('--test-reporter-destination=stdout');
  return [...names.flatMap((name, index) => [name, destinations[index] ?? '']), ...ours()];
}

/** Node's own choice: spec, but tap where there is no terminal before Node 23. */
function defaultReporter(isTty: boolean): string {
  return isTty || nodeMajor() >= 23 ? 'spec' : 'tap';
}

const escapeRegex = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/**
 * Name filters for single tests. Node 22 and newer match a pattern against the titles of the whole path, joined by spaces; Node 20 against
 * each test's own title. A title may itself hold ` > `, so either reading of it matches. A subtest runs as part of the test around it.
 */
function nameFilters(tests: readonly Test[]): string[] {
  const wholePath = nodeMajor() >= 22;
  const patterns = tests.map((test) => {
    const titles = (test.enclosing ?? test.name).split(' > ').map(escapeRegex);
    if (wholePath) return titles.join('(?: > | )');
    return `(?:${titles.map((_, from) => titles.slice(from).join(' > ')).join('|')})`;
  });
  return [...new Set(patterns)].map((pattern) => `--test-name-pattern=^${pattern}$`);
}

/**
 * Node 21 and newer read file arguments as globs and know no escape: characters that would mean something stand for themselves as `?`. A
 * leading dash would make an option of it, here or where Node starts the file's process.
 */
function literalFile(file: string, cwd: string): string {
  const path = file.startsWith('-') ? join(cwd, file) : file;
  return nodeMajor() >= 21 ? path.replace(/[[\]{}*()!\\]/g, '?') : path;
}

export type InvocationOptions = {
  readonly passThrough: boolean;
  readonly isTty: boolean;
  readonly only: { readonly file: string; readonly tests: readonly Test[] } | null;
  /** Relative to the step's folder; the file of `only`. */
  readonly onlyFile: string | null;
};

/** The command of a step that runs tests. A file that failed as a whole (line 0) is run whole. */
export function invocation(step: NodeTestStep | NodeScriptStep | ObservedStep, options: InvocationOptions): Invocation {
  const filters = options.only === null || options.only.tests.some((test) => test.line === 0) ? [] : nameFilters(options.only.tests);
  if (step.kind === 'node-test') {
    const files = (options.onlyFile === null ? step.files : [options.onlyFile]).map((file) => literalFile(file, step.cwd));
    const reporters = reporterArgs(step.reporterArgs, options.passThrough, options.isTty);
    return { args: [process.execPath, ...step.nodeArgs, '--test', ...reporters, ...filters, ...files], reporterOptions: null };
  }
  if (step.kind === 'node-script') {
    const reporters = reporterArgs(step.reporterArgs, options.passThrough, options.isTty);
    return { args: [process.execPath, ...step.nodeArgs, ...reporters, ...filters, step.script, ...step.args], reporterOptions: null };
  }
  if (options.onlyFile !== null)
    return { args: [process.execPath, '--test', ...ours(), ...filters, options.onlyFile], reporterOptions: null };
  return { args: ['sh', '-c', step.command], reporterOptions: observedReporters('complete', options.isTty) };
}

/**
 * Reporter options for a command whose inside is not known. If its own `--test-reporter` has no destination, Node refuses ours beside it
 * with an error about their numbers; the `spare` form brings the missing destination along instead of a default reporter.
 */
export function observedReporters(form: 'complete' | 'spare', isTty: boolean): string {
  if (form === 'spare') return [...ours(), '--test-reporter-destination=stdout'].join(' ');
  return [`--test-reporter=${defaultReporter(isTty)}`, '--test-reporter-destination=stdout', ...ours()].join(' ');
}
