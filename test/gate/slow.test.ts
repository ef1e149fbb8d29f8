import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeSlow, timedTests } from '../../src/gate/slow.ts';
import type { Test, TestRun } from '../../src/model/test-run.ts';
import { aFileRun, aPolicy, aRun, aRunOf, aTest, anAloneAttempt, anAttempt, anEntry } from '../support/builders.ts';

const policy = aPolicy({ slow: { limitMs: 10_000, targetMs: 5_000 } });

function found(run: TestRun, judgedBy = policy): string[] {
  return judgeSlow(timedTests(run), judgedBy).map(({ code, severity, test: each }) => `${severity} ${code} ${each.name}`);
}

test('the limit: just under and equal hold, just over is newly slow', () => {
  assert.deepEqual(found(aRunOf([{ durationMs: 9_999.9 }])), ['note slow-target test 1']);
  assert.deepEqual(found(aRunOf([{ durationMs: 10_000 }])), ['note slow-target test 1']);
  assert.deepEqual(found(aRunOf([{ durationMs: 10_000.1 }])), ['error new-slow-test test 1']);
});

test('the target: just under and equal hold, just over is noted', () => {
  assert.deepEqual(found(aRunOf([{ durationMs: 4_999.9 }])), []);
  assert.deepEqual(found(aRunOf([{ durationMs: 5_000 }])), []);
  assert.deepEqual(found(aRunOf([{ durationMs: 5_000.1 }])), ['note slow-target test 1']);
});

test('a time that is no number is slow', () => {
  assert.deepEqual(found(aRunOf([{ durationMs: NaN }])), ['error new-slow-test test 1']);
});

test('the fastest attempt is judged, and an attempt alone confirms', () => {
  const attempts = [anAttempt({ durationMs: 12_900 }), anAloneAttempt({ durationMs: 12_800 }), anAloneAttempt({ durationMs: 12_600 })];
  const [finding] = judgeSlow(timedTests(aRunOf([{ durationMs: 12_900, attempts }])), policy);
  assert.equal(finding?.durationMs, 12_600);
  assert.equal(finding?.confirmed, true);
  const quick = [...attempts, anAloneAttempt({ durationMs: 40 })];
  assert.deepEqual(found(aRunOf([{ durationMs: 12_900, attempts: quick }])), []);
  const [unconfirmed] = judgeSlow(timedTests(aRunOf([{ durationMs: 12_900 }])), policy);
  assert.equal(unconfirmed?.confirmed, false);
});

test('a test answers for its own time, not for that of its subtests', () => {
  const run = aRunOf([
    { name: 'outer', durationMs: 30_000, subtestsMs: 29_999 },
    { name: 'outer > inner', durationMs: 29_999 },
  ]);
  assert.deepEqual(found(run), ['error new-slow-test outer > inner']);
  const without = aTest({ name: 'outer', durationMs: 30_000, subtestsMs: 29_999, attempts: [] });
  assert.deepEqual(found(aRunOf([without])), []);
});

test('subtests that ran side by side do not make a negative time', () => {
  const [timed] = timedTests(aRunOf([{ durationMs: 1_000, subtestsMs: 4_000 }]));
  assert.equal(timed?.durationMs, 0);
});

test('all that ran is timed; a skipped test and a whole file are not', () => {
  const outcomes: Test['outcome'][] = ['passed', 'failed', 'flaky', 'todo', 'skipped'];
  const run = aRunOf(outcomes.map((outcome) => ({ outcome, name: outcome, durationMs: 11_000 })));
  assert.deepEqual(
    found(run),
    ['passed', 'failed', 'flaky', 'todo'].map((name) => `error new-slow-test ${name}`),
  );
  const file = aFileRun('test/b.test.ts', [{ name: 'test/b.test.ts', line: 0, outcome: 'failed', durationMs: 99_000 }]);
  assert.deepEqual(found(aRun([file])), []);
});

test('a test in the allowlist is neither new nor held to the target', () => {
  const run = aRunOf([{ durationMs: 6_000 }, { durationMs: 90_000 }]);
  assert.deepEqual(found(run, aPolicy({ knownSlow: [anEntry(), anEntry({ name: 'test 2' })] })), []);
});

test('an entry speaks for its file and its exact title only', () => {
  const knownSlow = [anEntry({ file: 'test/b.test.ts' }), anEntry({ name: 'Test 1' }), anEntry({ name: 'test 1 ' })];
  assert.deepEqual(found(aRunOf([{ durationMs: 90_000 }]), aPolicy({ knownSlow })), ['error new-slow-test test 1']);
});

test('names that are properties of every object are not in the allowlist by birth', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const run = aRunOf(names.map((name) => ({ name, durationMs: 11_000 })));
  assert.deepEqual(
    found(run),
    names.map((name) => `error new-slow-test ${name}`),
  );
  const knownSlow = names.map((name) => anEntry({ name }));
  assert.deepEqual(found(run, aPolicy({ knownSlow })), []);
});

test('names with control characters are told apart', () => {
  const run = aRunOf([
    { name: 'a\nb', durationMs: 11_000 },
    { name: 'a\u001b[31mb', durationMs: 12_000 },
    { name: '', durationMs: 13_000 },
  ]);
  const knownSlow = [anEntry({ name: 'a\nb' })];
  assert.deepEqual(found(run, aPolicy({ knownSlow })), ['error new-slow-test ', 'error new-slow-test a\u001b[31mb']);
});

test('the slowest comes first, equals in the order of their places', () => {
  const b = aFileRun('test/b.test.ts', [
    { name: 'late', line: 9, durationMs: 11_000 },
    { name: 'early', line: 2, durationMs: 11_000 },
  ]);
  const a = aFileRun('test/a.test.ts', [
    { name: 'first', durationMs: 11_000 },
    { name: 'slowest', durationMs: 12_000 },
  ]);
  const names = judgeSlow(timedTests(aRun([b, a])), policy).map((finding) => finding.test.name);
  assert.deepEqual(names, ['slowest', 'first', 'early', 'late']);
});

test('the finding says how long the allowlist is and where it stands', () => {
  const [finding] = judgeSlow(timedTests(aRunOf([{ durationMs: 11_000 }])), aPolicy({ knownSlow: [anEntry({ name: 'other' })] }));
  assert.deepEqual(finding?.code === 'new-slow-test' && [finding.knownEntries, finding.allowlist, finding.limitMs], [
    1,
    'known-slow.jsonc',
    10_000,
  ]);
});

test('by the wall clock a slow machine words a time; by the calibrated one it judges it', () => {
  const within = { wallMs: 12_200, cpuMs: 6_100 };
  const attempts = [anAttempt({ durationMs: 14_000 }), anAloneAttempt({ durationMs: 12_000, within })];
  const machine = { cores: 2, load: 6, slower: { wall: 2, cpu: 1 } };
  const run = aRunOf([{ durationMs: 14_000, attempts }], { machine });
  const [finding] = judgeSlow(timedTests(run), policy);
  assert.equal(finding?.durationMs, 12_000);
  assert.deepEqual(finding?.calibrated, { hereMs: 12_000, thereMs: 6_000, decides: false });
  assert.deepEqual(judgeSlow(timedTests(run, 'calibrated'), policy)[0]?.code, 'slow-target');
  const waits = [{ ...attempts[1], within: { wallMs: 12_200, cpuMs: 150 } } as (typeof attempts)[0]];
  const [caught] = judgeSlow(timedTests(aRunOf([{ durationMs: 12_000, attempts: waits }], { machine }), 'calibrated'), policy);
  assert.deepEqual([caught?.code, caught?.calibrated?.decides], ['new-slow-test', true]);
});

test('a test that was not tried again is judged as it was, whatever the clock', () => {
  const run = aRunOf([{ durationMs: 12_000 }], { machine: { cores: 2, load: 6, slower: { wall: 2, cpu: 1 } } });
  const [finding] = judgeSlow(timedTests(run, 'calibrated'), policy);
  assert.deepEqual([finding?.durationMs, finding?.calibrated], [12_000, undefined]);
});
