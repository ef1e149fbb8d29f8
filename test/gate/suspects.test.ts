import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../src/gate/judge.ts';
import { MAX_SUSPECTS, suspectsOf, tooMany } from '../../src/gate/suspects.ts';
import { ALL_GATES } from '../../src/model/policy.ts';
import type { Policy } from '../../src/model/policy.ts';
import type { TestRun } from '../../src/model/test-run.ts';
import { aPolicy, aRunOf, aTest, anAloneAttempt, anAttempt, anEntry } from '../support/builders.ts';

function names(run: TestRun, policy: Policy = aPolicy()): { slow: string[]; failed: string[] } {
  const { slow, failed } = suspectsOf(run, policy);
  return { slow: slow.map((each) => each.name), failed: failed.map((each) => each.name) };
}

test('just over the limit is a suspect, equal and under are not', () => {
  const run = aRunOf([{ durationMs: 9_999 }, { durationMs: 10_000 }, { durationMs: 10_001 }, { durationMs: NaN }]);
  assert.deepEqual(names(run).slow.toSorted(), ['test 3', 'test 4']);
});

test('a known-slow test is suspected over its lowest ceiling', () => {
  const run = aRunOf([{ durationMs: 15_000 }, { durationMs: 15_001 }, { durationMs: 12_500 }]);
  const entries = [anEntry(), anEntry({ name: 'test 2' }), anEntry({ name: 'test 3', ceilingMs: 12_000 }), anEntry({ name: 'test 3' })];
  assert.deepEqual(names(run, aPolicy({ knownSlow: entries })).slow, ['test 2', 'test 3']);
});

test('a test that was tried again is judged, not suspected again', () => {
  const attempts = [anAttempt({ durationMs: 12_000 }), anAloneAttempt({ durationMs: 11_000 })];
  const failures = [anAttempt({ outcome: 'failed' }), anAloneAttempt({ outcome: 'failed' })];
  const run = aRunOf([
    { durationMs: 12_000, attempts },
    { outcome: 'failed', attempts: failures },
  ]);
  assert.deepEqual(names(run), { slow: [], failed: [] });
});

test('failed tests and whole files are suspects; what failed only for its subtests is not', () => {
  const run = aRunOf([
    { name: 'outer', outcome: 'failed', failure: null },
    { name: 'outer > inner', outcome: 'failed' },
    { name: 'test/a.test.ts', line: 0, outcome: 'failed' },
    { name: 'flaky', outcome: 'flaky' },
    { name: 'todo', outcome: 'todo', failure: 'not yet' },
    { name: 'coverage', outcome: 'failed', onlyUnderCoverage: true, attempts: [anAttempt(), anAloneAttempt()] },
  ]);
  assert.deepEqual(names(run).failed, ['test/a.test.ts', 'outer > inner']);
});

test('too many is more than ten', () => {
  assert.equal(MAX_SUSPECTS, 10);
  assert.deepEqual(
    [0, 9, 10, 11].map((count) => tooMany(Array.from({ length: count }, () => aTest()))),
    [false, false, false, true],
  );
});

test('the suspects are exactly the tests that would fail the run on time or as failed', () => {
  const run = aRunOf([
    { durationMs: 12_000 },
    { durationMs: 16_000 },
    { durationMs: 4_000, outcome: 'failed' },
    { durationMs: 13_000, outcome: 'failed' },
    { durationMs: 99_000, outcome: 'skipped', skipReason: 'why' },
    { durationMs: 6_000 },
  ]);
  const policy = aPolicy({ knownSlow: [anEntry({ name: 'test 2' })] });
  const context = { gates: ALL_GATES, today: '2026-06-15', ci: false, passOnUnpruned: false };
  const { findings } = judge(run, policy, { checkpoint: null }, context);
  const named = (codes: string[]) =>
    findings.flatMap((finding) => (codes.includes(finding.code) && 'test' in finding && finding.test ? [finding.test.name] : []));
  const { slow, failed } = names(run, policy);
  assert.deepEqual(slow.toSorted(), named(['new-slow-test', 'known-slow-over-ceiling']).toSorted());
  assert.deepEqual(failed, named(['test-failed']));
});
