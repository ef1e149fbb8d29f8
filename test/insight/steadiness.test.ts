import assert from 'node:assert/strict';
import { test } from 'node:test';
import { steadinessOf, withFlakes } from '../../src/insight/steadiness.ts';
import { testsOf, type FileRun, type Test, type TestRun } from '../../src/model/test-run.ts';
import { aFileCoverage, aFileRun, aRun, aRunOf, aTest } from '../support/builders.ts';

const FILE = 'test/a.test.ts';
const failing = { name: 'odd', outcome: 'failed' } as const;
const passing = { name: 'odd' } as const;

/** One run for each outcome of one test. */
function runsOf(...outcomes: readonly Test['outcome'][]): TestRun[] {
  return outcomes.map((outcome) => aRunOf([{ name: 'odd', outcome }, { name: 'steady' }]));
}

test('a test that fails in some runs is flaky, with how often', () => {
  const { changing } = steadinessOf(runsOf('passed', 'failed', 'passed'));
  assert.deepEqual(
    changing.map(({ test: { name }, outcomes }) => ({ name, outcomes })),
    [{ name: 'odd', outcomes: { passed: 2, failed: 1, skipped: 0, missing: 0 } }],
  );
  assert.deepEqual(steadinessOf(runsOf('failed', 'failed')).changing, []);
  assert.deepEqual(steadinessOf(runsOf('failed')).changing, []);
});

test('a test that is skipped or missing in some runs did not always run', () => {
  const { changing } = steadinessOf([...runsOf('passed', 'skipped'), aRunOf([{ name: 'steady' }])]);
  assert.deepEqual(changing[0]?.outcomes, { passed: 1, failed: 0, skipped: 1, missing: 1 });
});

test('tests that share a name and a place are told apart by their order', () => {
  const twins = (second: Test['outcome']): TestRun => {
    const [one, other] = [aTest({ file: FILE }), aTest({ file: FILE, outcome: second })];
    return aRun([{ ...aFileRun(FILE, []), tests: [one, other] }]);
  };
  const { changing } = steadinessOf([twins('passed'), twins('failed')]);
  assert.deepEqual(changing[0]?.outcomes, { passed: 1, failed: 1, skipped: 0, missing: 0 });
});

test('a file that does not load in one run is told once, not with every test of it', () => {
  const whole = aRun([aFileRun(FILE, [{ name: FILE, line: 0, column: 0, outcome: 'failed' }])]);
  const { changing } = steadinessOf([...runsOf('passed'), whole]);
  assert.deepEqual(
    changing.map((each) => [each.test.name, each.outcomes.failed]),
    [[FILE, 1]],
  );
});

test('a flaky test is flaky in the run of all, with an attempt for every run', () => {
  const run = withFlakes(runsOf('passed', 'failed', 'passed'));
  const [odd, steady] = testsOf(run);
  assert.equal(odd?.outcome, 'flaky');
  assert.deepEqual(
    odd?.attempts.map((attempt) => attempt.outcome),
    ['passed', 'failed', 'passed'],
  );
  assert.equal(odd?.failure, 'expected 1 to be 2');
  assert.equal(steady?.outcome, 'passed');
});

test('what fails each time has failed', () => {
  const runs = runsOf('failed', 'failed');
  assert.deepEqual(withFlakes(runs), runs[1]);
});

test('a file that failed as a whole in an earlier run is not lost', () => {
  const whole = aRun([aFileRun(FILE, [{ name: FILE, line: 0, column: 0, outcome: 'failed' }])]);
  const tests = testsOf(withFlakes([whole, ...runsOf('passed')]));
  assert.deepEqual(
    tests.map((each) => [each.name, each.outcome]),
    [
      ['odd', 'passed'],
      ['steady', 'passed'],
      [FILE, 'flaky'],
    ],
  );
});

test('a parent that failed only through a flaky subtest has passed', () => {
  const nested = (outcome: 'passed' | 'failed'): TestRun =>
    aRunOf([
      { name: 'outer', outcome, failure: null },
      { name: 'outer > inner', outcome },
    ]);
  const run = withFlakes([nested('passed'), nested('failed')]);
  assert.deepEqual(
    testsOf(run).map((each) => each.outcome),
    ['passed', 'flaky'],
  );
});

function timed(...times: readonly number[]): TestRun[] {
  return times.map((durationMs) => aRunOf([{ durationMs }]));
}

test('a time is unsteady when it differs by a good part and by enough to notice', () => {
  const [only] = steadinessOf(timed(1_000, 1_400, 1_000)).unsteady;
  assert.deepEqual([only?.fastestMs, only?.medianMs, only?.slowestMs, only?.spread], [1_000, 1_000, 1_400, 0.4]);
  assert.deepEqual(steadinessOf(timed(1_000, 1_200, 1_000)).unsteady, []);
  assert.deepEqual(steadinessOf(timed(10, 90, 20)).unsteady, []);
  assert.deepEqual(steadinessOf(timed(1_000)).unsteady, []);
});

test('a run that failed says nothing of the time', () => {
  const runs = [
    aRunOf([{ ...passing, durationMs: 5_000 }]),
    aRunOf([{ ...failing, durationMs: 10 }]),
    aRunOf([{ ...passing, durationMs: 5_100 }]),
  ];
  assert.deepEqual(steadinessOf(runs).unsteady, []);
});

const MB = 2 ** 20;
const holding = (...sizes: readonly (number | undefined)[]): FileRun[] =>
  sizes.map((size, index) => aFileRun(`test/${index}.test.ts`, [{}], size === undefined ? {} : { peakRssBytes: size * MB }));

test('memory is compared between the first run and the last', () => {
  const { memory } = steadinessOf([aRun(holding(60, 100)), aRun(holding(500, 500)), aRun(holding(120, 105))]);
  assert.deepEqual(memory, {
    first: { file: 'test/1.test.ts', bytes: 100 * MB },
    last: { file: 'test/0.test.ts', bytes: 120 * MB },
    growing: [{ file: 'test/0.test.ts', firstBytes: 60 * MB, lastBytes: 120 * MB }],
  });
});

test('processes that do not tell have no memory, and a little more is no growth', () => {
  assert.equal(steadinessOf([aRun(holding(undefined))]).memory, null);
  assert.deepEqual(steadinessOf([aRun(holding(20)), aRun(holding(30))]).memory?.growing, []);
  assert.deepEqual(steadinessOf([aRun(holding(200)), aRun(holding(230))]).memory?.growing, []);
});

type Lines = readonly (readonly [number, number])[];
const covering = (uncovered: Lines, change: Partial<TestRun> = {}, hash = 'one'): TestRun =>
  aRun([aFileRun()], { coverage: { files: [{ ...aFileCoverage('src/a.ts', [90, 100], uncovered), hash }] }, ...change });

test('lines that did not run in some runs flicker; those that never run do not', () => {
  const { flicker } = steadinessOf([
    covering([[3, 6]]),
    covering([
      [3, 4],
      [9, 9],
    ]),
    covering([[3, 6]]),
  ]);
  assert.deepEqual(flicker, [
    {
      file: 'src/a.ts',
      hash: 'one',
      lines: [
        [5, 6],
        [9, 9],
      ],
    },
  ]);
  assert.deepEqual(steadinessOf([covering([[3, 6]]), covering([[3, 6]])]).flicker, []);
});

test('lines are not compared of one run, of a source that changed, or where coverage was lost', () => {
  assert.equal(steadinessOf([covering([[3, 6]])]).flicker, null);
  assert.deepEqual(steadinessOf([covering([[3, 6]]), covering([], {}, 'other')]).flicker, []);
  const lost = { lost: [{ pid: 1, script: 'a', file: null, why: 'no-coverage' }] } as const;
  assert.equal(steadinessOf([covering([[3, 6]]), covering([], lost)]).flicker, null);
});
