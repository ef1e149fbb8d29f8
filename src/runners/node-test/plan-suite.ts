import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { unprovenError, usageError, type PushgateError } from '../../model/error.ts';
import type { CoverageToolSettings } from '../../model/config.ts';
import type { ObservedStep, Step, SuitePlan } from '../plan.ts';
import { readCoverageFile, settle } from './script/coverage-tool.ts';
import { relativeTo } from './script/imports.ts';
import { configuredFiles } from './script/node-command.ts';
import { readPackage } from './script/packages.ts';
import { runsTests, type Leaf, type Scene } from './script/scene.ts';
import { defaultPatterns, defaultTestFiles } from './script/test-files.ts';
import { walkLine, walkTarget } from './script/walk.ts';

/** What a project's test command is planned from. */
export type PlanRequest = {
  /** Absolute. */
  readonly root: string;
  /** `run.command` of the configuration; null for the package's test script. */
  readonly command: string | null;
  /** Where the command stands, for the screen; null for `scripts.test in package.json`. */
  readonly from: string | null;
  /** `run.files` of the configuration. */
  readonly files: readonly string[] | null;
  /** In the form of `process.versions.node`. */
  readonly nodeVersion: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

const PLACEHOLDER = /no test specified/i;

/**
 * Understands a project's test command: which steps run node:test, on which files, after which setup. Runs what the command itself has the
 * shell run to name files (`$(find …)`). Throws a usage error when no step can be made out, `unproven` when there is no test at all.
 */
export async function planSuite(request: PlanRequest): Promise<SuitePlan> {
  const read = await readPlan(request);
  let after: Promise<SuitePlan> | null = null;
  const afterSetup = (): Promise<SuitePlan> => (after ??= read.steps[0]?.kind === 'setup' ? readAgain() : Promise.resolve(plan));
  const readAgain = async (): Promise<SuitePlan> => ({ ...(await readPlan(request)), afterSetup });
  // What matches nothing yet may be what is about to be built.
  const notes = read.steps[0]?.kind === 'setup' ? read.notes.filter((note) => !note.endsWith('matches no file.')) : read.notes;
  const plan: SuitePlan = { ...read, notes, afterSetup };
  return plan;
}

async function readPlan(request: PlanRequest): Promise<Omit<SuitePlan, 'afterSetup'>> {
  const root = realpathSync(resolve(request.root));
  const script = readPackage(root)?.scripts.get('test');
  const scripted = script === undefined || PLACEHOLDER.test(script) ? null : script;
  const command = request.command ?? scripted;
  const scene = sceneOf(request, root, command);
  const leaves =
    request.command === null && scripted !== null
      ? await walkTarget({ script: 'test', args: '', hooks: true }, root, { cwd: root, env: {}, trail: [] }, scene)
      : await walkLine(command ?? 'node --test', { cwd: root, env: {}, trail: [] }, scene);
  const steps = stepsOf(leaves, command ?? 'node --test', scene);
  const testFiles = testFilesOf(leaves, steps, scene);
  if (command === null) noteDefault(testFiles, scene);
  const coverageTool = coverageToolOf(steps, scene);
  return { from: scene.from, command: command ?? 'node --test', steps, notes: [...scene.notes], coverageTool, testFiles };
}

function sceneOf(request: PlanRequest, root: string, command: string | null): Scene {
  const [major = 0, minor = 0] = request.nodeVersion.split('.').map(Number);
  const stripsTypes = major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
  const from = request.from ?? (command === null ? "Node's default, for want of a test script" : 'scripts.test in package.json');
  return {
    root,
    from,
    key: from.split(' in ')[0] ?? from,
    files: request.files,
    node: { major, stripsTypes },
    env: request.env,
    notes: new Set(),
    coverage: [],
  };
}

function noteDefault(testFiles: readonly string[], scene: Scene): void {
  if (testFiles.length === 0) {
    const searched = scene.files?.join(' ') ?? defaultPatterns({ major: scene.node.major, typescript: scene.node.stripsTypes });
    throw unprovenError(
      `There is no test script in package.json, and no file matches ${searched}.`,
      'Name the tests in pushgate.jsonc:  "run": { "files": ["test/**/*.test.js"] }',
    );
  }
  scene.notes.add('package.json has no test script, so plain `node --test` runs.');
}

function stepsOf(leaves: readonly Leaf[], command: string, scene: Scene): Step[] {
  const last = leaves.findLastIndex(runsTests);
  const first = leaves.findIndex(runsTests);
  if (first < 0) return observedSteps(leaves, command, scene);
  noteLeftOut(leaves, last, scene);
  return leaves.slice(0, last + 1).flatMap((leaf): Step[] => {
    if (leaf.kind === 'tests') return [leaf.step];
    if (leaf.kind !== 'observed' && leaf.kind !== 'command') return [];
    if (leaf.kind === 'observed') noteObserved(leaf.raw, scene);
    return [{ kind: leaf.kind === 'observed' ? 'observed' : 'setup', cwd: leaf.cwd, env: leaf.env, command: leaf.raw }];
  });
}

function noteLeftOut(leaves: readonly Leaf[], last: number, scene: Scene): void {
  const rawOf = (kept: (leaf: Leaf, at: number) => boolean): string =>
    [...new Set(leaves.filter(kept).map((leaf) => `\`${leaf.raw}\``))].join(', ');
  const setup = rawOf((leaf, at) => at < last && leaf.kind === 'command');
  const checks = rawOf((leaf) => leaf.kind === 'check');
  const runners = rawOf((leaf) => leaf.kind === 'other-runner' || leaf.kind === 'unknown-tests');
  const after = rawOf((leaf, at) => at > last && leaf.kind === 'command');
  if (setup !== '') scene.notes.add(`Runs before the tests, neither timed nor measured: ${setup}.`);
  if (checks !== '') scene.notes.add(`Left out, for no test runs in it: ${checks}.`);
  if (runners !== '') scene.notes.add(`Left out, for pushgate runs tests of node:test only: ${runners}.`);
  if (after !== '') scene.notes.add(`Left out, for it comes after the tests: ${after}.`);
}

const noteObserved = (raw: string, scene: Scene): void =>
  void scene.notes.add(`\`${raw}\` runs as it is and is observed: how it starts its tests cannot be read from it.`);

/** No leaf is known to run tests: what is not known runs as it is, unless something else is known to be the test runner. */
function observedSteps(leaves: readonly Leaf[], command: string, scene: Scene): Step[] {
  const runner = leaves.find((leaf) => leaf.kind === 'other-runner');
  if (runner !== undefined) throw otherRunnerError(runner.name, scene);
  const unknown = leaves.filter((leaf) => ['command', 'background', 'unknown-tests'].includes(leaf.kind));
  if (unknown.length === 0) throw undecided(`No step of \`${command}\` (${scene.from}) runs tests.`);
  noteLeftOut(
    leaves.filter((leaf) => leaf.kind === 'check'),
    0,
    scene,
  );
  const pieces = unknown.some((leaf) => leaf.kind === 'background') ? [wholeOf(command, scene)] : joined(unknown);
  for (const piece of pieces) noteObserved(piece.command, scene);
  return pieces;
}

const wholeOf = (command: string, scene: Scene): ObservedStep => ({ kind: 'observed', cwd: scene.root, env: {}, command });

/** One step for what runs in one place, as it would have run; else one for each. */
function joined(leaves: readonly Leaf[]): ObservedStep[] {
  const steps = leaves.map(({ cwd, env, raw }): ObservedStep => ({ kind: 'observed', cwd, env, command: raw }));
  const places = new Set(leaves.map((leaf) => JSON.stringify([leaf.cwd, leaf.env])));
  const [first] = steps;
  return places.size === 1 && first !== undefined ? [{ ...first, command: leaves.map((leaf) => leaf.raw).join(' && ') }] : steps;
}

function otherRunnerError(name: string, scene: Scene): PushgateError {
  const later = ['vitest', 'jest', 'mocha'].includes(name) ? 'comes in a later version' : 'is not supported';
  return undecided(`The tests run with ${name} (${scene.from}); pushgate runs tests of node:test, ${name} ${later}.`);
}

function undecided(message: string): PushgateError {
  return usageError(
    message,
    'If some of the tests are written for node:test, name them in pushgate.jsonc:',
    '  "run": { "command": "node --test",',
    '           "files": ["test/**/*.test.js"] }',
  );
}

function testFilesOf(leaves: readonly Leaf[], steps: readonly Step[], scene: Scene): string[] {
  const known = leaves.flatMap((leaf) => (leaf.kind === 'tests' ? leaf.testFiles : []));
  const files = [...known.map((file) => relativeTo(scene.root, file)), ...configuredFiles(scene)];
  const observed = steps.some((step) => step.kind === 'observed') && scene.files === null;
  if (observed) files.push(...defaultTestFiles(scene.root, { major: scene.node.major, typescript: true }));
  return [...new Set(files)].toSorted();
}

function coverageToolOf(steps: readonly Step[], scene: Scene): CoverageToolSettings | null {
  const cwd = steps.find((step) => step.kind !== 'setup')?.cwd ?? scene.root;
  const named = scene.coverage.find((words) => words.config !== null)?.config ?? null;
  const { said, unread } = readCoverageFile(cwd, scene.root, named);
  for (const name of unread)
    scene.notes.add(`${name[0]?.toUpperCase()}${name.slice(1)} was not read; say in pushgate.jsonc what of it should hold.`);
  const settings = settle([...scene.coverage, ...(said === null ? [] : [said])]);
  if (settings !== null) scene.notes.add(`Coverage settings are taken over from ${settings.from}, where pushgate.jsonc says nothing.`);
  return settings;
}
