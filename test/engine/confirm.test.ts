import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { confirmFailed, confirmSlow, type RunAlone } from '../../src/engine/confirm.ts';
import type { Test, TestRun } from '../../src/model/test-run.ts';
import { fastestMs } from '../../src/model/test-run.ts';
import { aFileRun, aRun, aTest } from '../support/builders.ts';

type Reply = Partial<Test> | null;

/** Answers each run alone with the next reply for its tests; null is a run in which the test never appeared. */
function replies(...sequence: Reply[]): { runAlone: RunAlone; asked: { file: string; names: string[]; instrumented: boolean }[] } {
  const asked: { file: string; names: string[]; instrumented: boolean }[] = [];
  const runAlone: RunAlone = async (file, tests, instrumented) => {
    const reply = sequence[asked.length] ?? null;
    asked.push({ file, names: tests.map((each) => each.name), instrumented });
    const answered = reply === null ? [] : tests.map((each) => aTest({ ...each, attempts: undefined as never, ...reply }));
    return aRun(
      [
        {
          ...aFileRun(file, []),
          tests: answered.map((each) => ({ ...each, attempts: each.attempts.map((a) => ({ ...a, instrumented })) })),
        },
      ],
      { instrumented },
    );
  };
  return { runAlone, asked };
}

const only = (run: TestRun): Test => run.files[0]?.tests[0] ?? assert.fail('no test');
const failedRun = (change: Partial<TestRun> = {}): TestRun =>
  aRun([aFileRun('test/a.test.ts', [{ name: 'x', outcome: 'failed' }])], change);

describe('a suspected slow test', () => {
  const run = aRun([aFileRun('test/a.test.ts', [{ name: 'slow', durationMs: 12_000 }])]);

  test('runs twice more, alone and bare, and its fastest attempt counts', async () => {
    const { runAlone, asked } = replies({ durationMs: 11_000 }, { durationMs: 9_000 });
    const slow = only(await confirmSlow(run, [only(run)], runAlone));
    assert.deepEqual(asked, [
      { file: 'test/a.test.ts', names: ['slow'], instrumented: false },
      { file: 'test/a.test.ts', names: ['slow'], instrumented: false },
    ]);
    assert.equal(fastestMs(slow), 9_000);
    assert.deepEqual(
      slow.attempts.map((each) => [each.durationMs, each.alone]),
      [
        [12_000, false],
        [11_000, true],
        [9_000, true],
      ],
    );
  });

  test('that the runs alone never reach is judged as measured', async () => {
    const { runAlone } = replies(null, null);
    assert.equal(fastestMs(only(await confirmSlow(run, [only(run)], runAlone))), 12_000);
  });

  test('is not credited with a run in which it was filtered out', async () => {
    const { runAlone } = replies({ outcome: 'skipped', durationMs: 0 }, { outcome: 'skipped', durationMs: 0 });
    assert.equal(fastestMs(only(await confirmSlow(run, [only(run)], runAlone))), 12_000);
  });

  test('shares its file’s runs with the other suspects of that file', async () => {
    const two = aRun([
      aFileRun('test/a.test.ts', [
        { name: 'one', durationMs: 12_000 },
        { name: 'two', durationMs: 13_000 },
      ]),
    ]);
    const { runAlone, asked } = replies({ durationMs: 1 }, { durationMs: 1 });
    await confirmSlow(two, two.files[0]?.tests ?? [], runAlone);
    assert.deepEqual(
      asked.map((each) => each.names),
      [
        ['one', 'two'],
        ['one', 'two'],
      ],
    );
  });
});

describe('a failed test', () => {
  test('that fails alone stays failed, after one more run', async () => {
    const run = failedRun();
    const { runAlone, asked } = replies({ outcome: 'failed' });
    const failed = only(await confirmFailed(run, [only(run)], runAlone));
    assert.equal(failed.outcome, 'failed');
    assert.equal(asked.length, 1);
  });

  test('that passes bare and fails under coverage is judged by the bare outcome', async () => {
    const run = failedRun();
    const { runAlone, asked } = replies({ outcome: 'passed' }, { outcome: 'failed' });
    const test = only(await confirmFailed(run, [only(run)], runAlone));
    assert.deepEqual([test.outcome, test.onlyUnderCoverage], ['passed', true]);
    assert.deepEqual(
      asked.map((each) => each.instrumented),
      [false, true],
    );
  });

  test('that passes both times is flaky', async () => {
    const run = failedRun();
    const { runAlone } = replies({ outcome: 'passed' }, { outcome: 'passed' });
    const test = only(await confirmFailed(run, [only(run)], runAlone));
    assert.deepEqual([test.outcome, test.onlyUnderCoverage, test.attempts.length], ['flaky', false, 3]);
  });

  test('of a bare suite is flaky only if it passes twice, and never the instrumentation’s fault', async () => {
    const run = failedRun({ instrumented: false });
    const { runAlone } = replies({ outcome: 'passed' }, { outcome: 'failed' });
    const test = only(await confirmFailed(run, [only(run)], runAlone));
    assert.deepEqual([test.outcome, test.onlyUnderCoverage], ['failed', false]);
  });

  test('that never ran again stays failed', async () => {
    const run = failedRun();
    const { runAlone } = replies(null);
    assert.equal(only(await confirmFailed(run, [only(run)], runAlone)).outcome, 'failed');
  });

  test('takes its parent along when it turns out to pass', async () => {
    const run = aRun([
      aFileRun('test/a.test.ts', [
        { name: 'parent', outcome: 'failed', failure: null },
        { name: 'parent > child', outcome: 'failed', enclosing: 'parent' },
      ]),
    ]);
    const child = run.files[0]?.tests[1] ?? assert.fail();
    const { runAlone } = replies({ outcome: 'passed' }, { outcome: 'passed' });
    const after = await confirmFailed(run, [child], runAlone);
    assert.deepEqual(
      after.files[0]?.tests.map((each) => each.outcome),
      ['passed', 'flaky'],
    );
  });

  test('stays failed when nothing below it shows why', async () => {
    const run = aRun([
      aFileRun('test/a.test.ts', [
        { name: 'parent', outcome: 'failed', failure: null },
        { name: 'parent > child', outcome: 'skipped', enclosing: 'parent' },
      ]),
    ]);
    const { runAlone } = replies({ outcome: 'failed', failure: null });
    assert.equal(only(await confirmFailed(run, [only(run)], runAlone)).outcome, 'failed');
    assert.equal(only(await confirmFailed(run, [], runAlone)).outcome, 'failed');
  });

  test('that is a whole file passes when the file runs to its end', async () => {
    const run = aRun([aFileRun('test/a.test.ts', [{ name: 'test/a.test.ts', line: 0, outcome: 'failed' }])]);
    const runAlone: RunAlone = async (file, _tests, instrumented) => aRun([aFileRun(file, [{ name: 'inner' }])], { instrumented });
    assert.equal(only(await confirmFailed(run, [only(run)], runAlone)).outcome, 'flaky');
  });
});
