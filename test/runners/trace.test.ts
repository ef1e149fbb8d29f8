import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { Bucket, FileTrace, Trace } from '../../src/model/explanation.ts';
import { planSuite } from '../../src/runners/node-test/plan-suite.ts';
import { nodeTestRunner } from '../../src/runners/node-test/runner.ts';
import { childEnv } from '../support/child-env.ts';
import { PACKAGE } from '../support/package.ts';
import { linkPackages, makeProject, projectFor, type TempProject } from '../support/repo.ts';

// Small programs whose truth is known, in test/fixtures/explained. A share is that of the bucket in the test's own time, within 10 points; a
// place is a line that bears a mark. All run as one suite; what a busy machine has blurred is run again.

type Truth = {
  readonly program: string;
  readonly test: string;
  readonly bucket: Bucket;
  /** In per cent; absent where the program does not say. */
  readonly share?: number;
  /** File and mark of the line that made what was waited for, or the function that ran. */
  readonly at?: readonly [file: string, mark: string];
  readonly what?: string;
  readonly count?: number;
};

const here = (program: string, mark: string): readonly [string, string] => [`test/${program}.test.js`, mark];

const TRUTHS: readonly Truth[] = [
  {
    program: 'sleep-deep',
    test: 'sleeps three calls deep',
    bucket: 'timers',
    share: 100,
    at: ['src/pause.js', 'quiet'],
    what: 'setTimeout',
    count: 1,
  },
  { program: 'sleep-here', test: 'sleeps by itself', bucket: 'timers', share: 100, at: here('sleep-here', 'here'), what: 'setTimeout' },
  { program: 'retry', test: 'gives up', bucket: 'timers', share: 100, at: ['src/retry.js', 'back-off'], what: 'setTimeout', count: 3 },
  { program: 'polling', test: 'asks again and again', bucket: 'timers', share: 100, at: here('polling', 'polls'), what: 'setInterval' },
  {
    program: 'race-lost',
    test: 'gives up on an answer',
    bucket: 'timers',
    share: 95,
    at: here('race-lost', 'gives up'),
    what: 'setTimeout',
  },
  { program: 'race-won', test: 'is done before its time is up', bucket: 'children', share: 95, at: here('race-won', 'race'), what: 'exec' },
  {
    program: 'package-sleeps',
    test: 'sleeps through a package',
    bucket: 'timers',
    share: 100,
    at: here('package-sleeps', 'through'),
    what: 'setTimeout',
  },
  { program: 'nested', test: 'outer > inner > sleeps', bucket: 'timers', share: 100, at: ['src/pause.js', 'quiet'] },
  { program: 'exec', test: 'waits for a command', bucket: 'children', share: 95, at: here('exec', 'exec'), what: 'exec', count: 1 },
  { program: 'spawn', test: 'reads from commands', bucket: 'children', share: 95, at: here('spawn', 'spawn'), what: 'spawn', count: 2 },
  { program: 'fork', test: 'asks a child process', bucket: 'children', at: here('fork', 'fork'), what: 'fork', count: 1 },
  {
    program: 'heartbeat',
    test: 'waits while something else ticks',
    bucket: 'children',
    share: 95,
    at: here('heartbeat', 'execFile'),
    what: 'execFile',
  },
  {
    program: 'exec-sync',
    test: 'stands still for a command',
    bucket: 'blocked',
    share: 100,
    at: here('exec-sync', 'execSync'),
    what: 'execSync',
    count: 2,
  },
  {
    program: 'spawn-sync',
    test: 'stands still for a process',
    bucket: 'blocked',
    share: 100,
    at: here('spawn-sync', 'spawnSync'),
    what: 'spawnSync',
  },
  { program: 'atomics', test: 'sleeps and blocks', bucket: 'blocked', share: 100, at: here('atomics', 'Atomics'), what: 'Atomics.wait' },
  { program: 'http-late', test: 'asks a slow server', bucket: 'network', share: 93, at: here('http-late', 'get'), what: 'get' },
  { program: 'fetch-late', test: 'fetches from a slow server', bucket: 'network', share: 93, what: 'fetch' },
  { program: 'http-own', test: 'asks its own slow server', bucket: 'timers', at: here('http-own', 'answer'), what: 'setTimeout' },
  { program: 'files', test: 'writes and reads many files', bucket: 'files' },
  { program: 'files-sync', test: 'writes and reads many files, one after the other', bucket: 'files', share: 92 },
  { program: 'parse', test: 'parses megabytes', bucket: 'source', at: here('parse', 'parses') },
  { program: 'busy', test: 'computes', bucket: 'source', share: 95, at: ['src/busy.js', 'busy'] },
  { program: 'half', test: 'computes and sleeps', bucket: 'source', share: 50 },
  { program: 'package', test: 'computes in a package', bucket: 'packages', share: 95 },
  { program: 'node-itself', test: 'derives a key', bucket: 'node', share: 100 },
  { program: 'threads', test: 'derives a key elsewhere', bucket: 'threads', at: here('threads', 'pbkdf2'), what: 'pbkdf2' },
  {
    program: 'worker',
    test: 'waits for a thread',
    bucket: 'threads',
    share: 94,
    at: here('worker', 'Worker'),
    what: 'new Worker',
    count: 1,
  },
  {
    program: 'import-awaits',
    test: 'imports what awaits at its top level',
    bucket: 'timers',
    share: 97,
    at: ['src/awaits.js', 'top level'],
  },
  { program: 'import-slow', test: 'imports what computes at its top level', bucket: 'loading', share: 96 },
  { program: 'require-slow', test: 'requires what computes at its top level', bucket: 'loading', share: 96 },
  { program: 'before', test: 'waits for what is set up', bucket: 'hooks', share: 98, at: ['src/pause.js', 'quiet'] },
  { program: 'before-each', test: 'with a set-up > first', bucket: 'hooks', share: 92, at: ['src/pause.js', 'quiet'] },
  { program: 'after-each', test: 'is torn down slowly', bucket: 'hooks', share: 89 },
  { program: 'fake-timers', test: 'sleeps by a clock of its own', bucket: 'source', share: 96 },
  { program: 'concurrent', test: 'at the same time > sleeps', bucket: 'timers', share: 97, at: ['src/pause.js', 'quiet'] },
  { program: 'concurrent', test: 'at the same time > waits for a command', bucket: 'children', at: here('concurrent', 'beside') },
  { program: 'concurrent', test: 'at the same time > computes', bucket: 'source', share: 95 },
];

/** A share says nothing of a program that had to wait for a processor: on a machine that is far too busy little is asked of it. */
const POINTS = (loadavg()[0] ?? 0) > 2 * availableParallelism() ? 40 : 10;

let project: TempProject;

/** Runs the whole suite of programs, or one file of it, with the tracer. */
async function traced(file: string | null, { dir, env: own }: TempProject = project): Promise<readonly FileTrace[]> {
  const env = childEnv(own);
  const plan = await planSuite({ root: dir, command: null, from: null, files: null, nodeVersion: process.versions.node, env });
  const only = file === null ? null : { file, tests: [] };
  const signal = new AbortController().signal;
  const request = {
    root: dir,
    plan,
    coverage: null,
    only,
    trace: true,
    timeoutMs: 60_000,
    env,
    passThrough: null,
    signal,
    turbo: false,
    onProgress() {},
    onNotice() {},
  };
  const run = await nodeTestRunner.measure(request);
  assert.deepEqual(run.unproven, []);
  return run.traces ?? [];
}

function traceOf(traces: readonly FileTrace[], truth: Truth): Trace | null {
  const file = traces.find((each) => each.file === `test/${truth.program}.test.js`);
  return file?.tests.find((each) => each.name === truth.test)?.trace ?? null;
}

/** What a trace gets wrong. */
function wrongWith(trace: Trace | null, truth: Truth): string[] {
  if (trace === null) return ['there is no trace'];
  const sorted = Object.entries(trace.spent).toSorted((a, b) => b[1] - a[1]);
  const share = (trace.spent[truth.bucket] * 100) / trace.wallMs;
  const sum = sorted.reduce((total, [, ms]) => total + ms, 0);
  const place = truth.at === undefined ? null : { file: truth.at[0], line: lineOf(...truth.at) };
  const [wait] = trace.waits;
  const [ran] = trace.functions;
  const found = truth.bucket === 'source' ? ran?.place : wait?.place;
  return [
    ...(sorted[0]?.[0] === truth.bucket || (truth.share ?? 100) <= 50 ? [] : [`mostly ${sorted[0]?.join(' ')}, not ${truth.bucket}`]),
    ...(truth.share === undefined || Math.abs(share - truth.share) <= POINTS ? [] : [`share ${share.toFixed(0)}, not ${truth.share}`]),
    ...(Math.abs(sum - trace.wallMs) < 1 ? [] : [`the buckets sum up to ${sum}, not ${trace.wallMs}`]),
    ...(place === null || (found?.file === place.file && found.line === place.line)
      ? []
      : [`at ${found?.file}:${found?.line}, not ${place.file}:${place.line}`]),
    ...(truth.what === undefined || wait?.what === truth.what ? [] : [`${wait?.what}, not ${truth.what}`]),
    ...(truth.count === undefined || wait?.count === truth.count ? [] : [`${wait?.count} times, not ${truth.count}`]),
  ];
}

/** The line with a mark, or the one where a function of that name begins. */
function lineOf(file: string, mark: string): number {
  const lines = readFileSync(join(project.dir, file), 'utf8').split('\n');
  const marked = lines.findIndex((line) => line.endsWith(`// ${mark}`));
  const index = marked >= 0 ? marked : lines.findIndex((line) => line.includes(`function ${mark}(`));
  assert.ok(index >= 0, `${file} has no line marked ${mark}`);
  return index + 1;
}

describe('where the time of a test goes', () => {
  let traces: readonly FileTrace[] = [];
  before(async () => {
    project = makeProject();
    project.copy(join(PACKAGE, 'test/fixtures/explained'));
    project.write({
      'node_modules/grinder/package.json': { name: 'grinder', version: '1.0.0', type: 'module', exports: './index.js' },
      'node_modules/grinder/index.js':
        'export function grind(ms) { const until = Date.now() + ms; let sum = 0; while (Date.now() < until) sum += Math.sqrt(sum + 1); return sum; }\n' +
        'export const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));\n',
    });
    traces = await traced(null);
  });
  test.after(() => project.remove());

  for (const truth of TRUTHS) {
    test(`${truth.program}: ${truth.test}`, async () => {
      let trace = traceOf(traces, truth);
      for (let again = 0; again < 2 && wrongWith(trace, truth).length > 0; again += 1) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other, so that they do not blur each other
        trace = traceOf(await traced(`test/${truth.program}.test.js`), truth);
      }
      assert.deepEqual(wrongWith(trace, truth), [], JSON.stringify(trace));
    });
  }
});

const TYPED = `type Options = {
  readonly delayMs: number;
};

export async function wait({ delayMs }: Options): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, delayMs));
}

export function grind(ms: number): number {
  const until: number = Date.now() + ms;
  let sum = 0;
  while (Date.now() < until) sum += Math.sqrt(sum + 1);
  return sum;
}
`;

test('lines are those of the source when a loader compiles it', async (t) => {
  const typed = projectFor(t, {
    'package.json': { type: 'module', scripts: { test: 'node --import tsx --test test/typed.test.ts' } },
    'src/typed.ts': TYPED,
    'test/typed.test.ts':
      "import { beforeEach, test } from 'node:test';\nimport { grind, wait } from '../src/typed.ts';\n\nbeforeEach(() => wait({ delayMs: 10 }));\n\ntest('waits', async () => {\n  await wait({ delayMs: 100 });\n  grind(100);\n});\n",
  });
  linkPackages(typed, ['tsx']);
  const [file] = await traced(null, typed);
  const trace = file?.tests[0]?.trace;
  assert.deepEqual([file?.tests[0]?.line, trace?.waits[0]?.place], [6, { file: 'src/typed.ts', line: 6 }]);
  assert.deepEqual(trace?.hooks[0]?.place, { file: 'test/typed.test.ts', line: 4 });
  assert.deepEqual(trace?.functions.find(({ name }) => name === 'grind')?.place, { file: 'src/typed.ts', line: 9 });
});
