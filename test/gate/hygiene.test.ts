import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeFailed, judgeHygiene } from '../../src/gate/hygiene.ts';
import type { Test } from '../../src/model/test-run.ts';
import { aFileRun, aPolicy, aRun, aRunOf, anAloneAttempt, anAttempt } from '../support/builders.ts';

const strict = aPolicy();

function failed(tests: readonly Partial<Test>[]): string[] {
  return judgeFailed(aRunOf(tests)).map(({ severity, test: each }) => `${severity} ${each.name}`);
}

function hygiene(tests: readonly Partial<Test>[], policy = strict): string[] {
  return judgeHygiene(aRunOf(tests), policy).map(({ code, severity }) => `${severity} ${code}`);
}

test('every failed test is found, in the order of files and lines', () => {
  const b = aFileRun('test/b.test.ts', [{ name: 'b', outcome: 'failed' }]);
  const a = aFileRun('test/a.test.ts', [
    { name: 'below', line: 9, outcome: 'failed' },
    { name: 'above', line: 2, outcome: 'failed' },
    { name: 'passes' },
  ]);
  assert.deepEqual(
    judgeFailed(aRun([b, a])).map((finding) => finding.test.name),
    ['above', 'below', 'b'],
  );
});

test('only a failure fails: not a todo, a skip or a flake', () => {
  assert.deepEqual(failed([{ outcome: 'todo', failure: 'not yet' }, { outcome: 'skipped' }, { outcome: 'flaky' }]), []);
});

test('a failure counts as confirmed once it was tried alone', () => {
  const suite = anAttempt({ outcome: 'failed' });
  const alone = anAloneAttempt({ outcome: 'failed' });
  const run = aRunOf([
    { outcome: 'failed', attempts: [suite] },
    { outcome: 'failed', attempts: [suite, alone] },
  ]);
  assert.deepEqual(
    judgeFailed(run).map((finding) => finding.confirmed),
    [false, true],
  );
});

test('failing only under coverage warns, whichever outcome is on record', () => {
  for (const outcome of ['passed', 'failed'] as const) {
    assert.deepEqual(failed([{ outcome, onlyUnderCoverage: true }]), ['warning test 1']);
  }
});

test('a whole file that failed is a failure', () => {
  assert.deepEqual(failed([{ name: 'test/a.test.ts', line: 0, outcome: 'failed' }]), ['error test/a.test.ts']);
});

test('a test that failed only for its subtests is left out where one of them is named', () => {
  const outer = { name: 'outer', outcome: 'failed', failure: null } as const;
  const middle = { name: 'outer > middle', outcome: 'failed', failure: null } as const;
  const inner = { name: 'outer > middle > inner', outcome: 'failed' } as const;
  assert.deepEqual(failed([outer, middle, inner]), ['error outer > middle > inner']);
  // A suite between them is no test and is not in the run.
  assert.deepEqual(failed([outer, inner]), ['error outer > middle > inner']);
  assert.deepEqual(failed([{ ...outer, failure: 'its own' }, inner]), ['error outer', 'error outer > middle > inner']);
});

test('a failure without words is never lost', () => {
  assert.deepEqual(failed([{ outcome: 'failed', failure: null }]), ['error test 1']);
  const elsewhere = [
    { name: 'outer', outcome: 'failed', failure: null },
    { name: 'outer2 > x', outcome: 'failed' },
  ] as const;
  assert.deepEqual(failed(elsewhere), ['error outer', 'error outer2 > x']);
  assert.deepEqual(failed([{ name: 'outer', outcome: 'failed', failure: null }, { name: 'outer > x' }]), ['error outer']);
});

test('a skip and a todo need a reason that shows', () => {
  for (const outcome of ['skipped', 'todo'] as const) {
    for (const skipReason of [null, '', '  \t\n', '\u200b\u00a0', '\u0000\u001b']) {
      assert.deepEqual(hygiene([{ outcome, skipReason }]), ['error skip-without-reason'], JSON.stringify(skipReason));
    }
    assert.deepEqual(hygiene([{ outcome, skipReason: 'needs a network' }]), []);
    assert.deepEqual(hygiene([{ outcome, skipReason: '#12' }]), []);
    assert.deepEqual(hygiene([{ outcome, skipReason: '\u200b理由' }]), []);
  }
  assert.deepEqual(hygiene([{ outcome: 'passed' }, { outcome: 'failed' }]), []);
});

test('the finding tells a skip from a todo', () => {
  const found = judgeHygiene(aRunOf([{ outcome: 'skipped' }, { outcome: 'todo' }]), strict);
  assert.deepEqual(
    found.map((finding) => finding.code === 'skip-without-reason' && finding.kind),
    ['skip', 'todo'],
  );
});

test('reasons are asked for only where the policy does', () => {
  const policy = aPolicy({ tests: { skipNeedsReason: false } });
  assert.deepEqual(hygiene([{ outcome: 'skipped' }, { outcome: 'flaky' }], policy), ['error flaky-test']);
});

test('a flaky test fails or warns, as the policy says', () => {
  assert.deepEqual(hygiene([{ outcome: 'flaky' }], aPolicy({ tests: { flaky: 'fail' } })), ['error flaky-test']);
  assert.deepEqual(hygiene([{ outcome: 'flaky' }], aPolicy({ tests: { flaky: 'warn' } })), ['warning flaky-test']);
});

test('a flaky test is told how often and since when earlier runs found it so, and no other test', () => {
  const run = aRunOf([
    { name: 'seen', outcome: 'flaky' },
    { name: 'new', outcome: 'flaky' },
  ]);
  const at = (name: string, day: string, file = 'test/a.test.ts') => ({ file, name, at: `${day}T10:00:00.000Z` });
  const flakes = [at('seen', '2026-11-05'), at('seen', '2026-11-02'), at('new', '2026-11-01', 'test/b.test.ts')];
  const before = judgeHygiene(run, aPolicy(), { flakes }).map((finding) => finding.code === 'flaky-test' && finding.before);
  assert.deepEqual(before, [{ times: 2, since: '2026-11-02T10:00:00.000Z' }, null]);
});
