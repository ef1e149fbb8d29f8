import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explainSlow, tracedTests, type RunTraced } from '../../src/engine/explain.ts';
import { testsOf, type Test, type TestRun } from '../../src/model/test-run.ts';
import { aFileRun, aRun, aTrace, aWait } from '../support/builders.ts';

const FILE = 'test/a.test.ts';
const signal = new AbortController().signal;

/** A run with tests that took so long, in ms, and no time from any other test. */
function slowRun(...timesMs: number[]): { run: TestRun; slow: Test[] } {
  const run = aRun([
    aFileRun(
      FILE,
      timesMs.map((durationMs) => ({ durationMs })),
    ),
  ]);
  return { run, slow: testsOf(run) };
}

/** Traces every test it is asked for as waiting for a timer. */
function tracer(): { runTraced: RunTraced; asked: string[] } {
  const asked: string[] = [];
  const runTraced: RunTraced = async (file, tests) => {
    asked.push(...tests.map(({ name }) => name));
    const traced = tests.map(({ name, line }) => ({ name, line, trace: aTrace({ timers: 900 }, { waits: [aWait()] }) }));
    return aRun([], { traces: [{ file, tests: traced, load: aTrace(), after: aTrace() }] });
  };
  return { runTraced, asked };
}

describe('what is newly slow', () => {
  test('is explained, the slowest three of it', async () => {
    const { run, slow } = slowRun(1_000, 4_000, 2_000, 3_000);
    const { runTraced, asked } = tracer();
    const tests = testsOf(await explainSlow(run, slow, runTraced, signal));
    assert.deepEqual(asked, ['test 2', 'test 4', 'test 3']);
    assert.deepEqual(
      tests.map(({ explanation }) => explanation?.cause.kind),
      [undefined, 'timer', 'timer', 'timer'],
    );
  });

  test('is left unexplained when it takes longer than there is time', async () => {
    const { run, slow } = slowRun(29_000, 2_000);
    const { runTraced, asked } = tracer();
    await explainSlow(run, slow, runTraced, signal);
    assert.deepEqual(asked, ['test 2']);
  });

  test('keeps its verdict when the tracer fails or leaves nothing', async () => {
    const { run, slow } = slowRun(1_000);
    assert.equal(await explainSlow(run, slow, () => Promise.reject(new Error('no room')), signal), run);
    assert.equal(await explainSlow(run, slow, async () => aRun([]), signal), run);
  });

  test('is not waited for after Ctrl-C', async () => {
    const { run, slow } = slowRun(1_000);
    const aborted = AbortSignal.abort('SIGINT');
    await assert.rejects(
      explainSlow(run, slow, () => Promise.reject(new Error('stopped')), aborted),
      /stopped/,
    );
  });
});

test('of tests with one name the first has the first trace', () => {
  const twice = [
    { name: 'same', line: 3 },
    { name: 'same', line: 3 },
  ];
  const traces = [1, 2].map((wallMs) => ({ name: 'same', line: 3, trace: aTrace({}, { wallMs }) }));
  const run = aRun([aFileRun(FILE, twice)], { traces: [{ file: FILE, tests: traces, load: aTrace(), after: aTrace() }] });
  assert.deepEqual(
    tracedTests(run).map(({ trace }) => trace.wallMs),
    [1, 2],
  );
});
