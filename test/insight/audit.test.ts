import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditOf } from '../../src/insight/audit.ts';
import type { TestRun } from '../../src/model/test-run.ts';
import { aFileRun, aPolicy, aRun, aRunOf, anEntry } from '../support/builders.ts';

const entry = anEntry({ file: 'test/slow.test.ts', name: 'retries', ceilingMs: 50_000 });
const policy = aPolicy({ knownSlow: [entry] });

function bareRun(change: Partial<TestRun> = {}, slowMs = 40_000): TestRun {
  const slow = aFileRun('test/slow.test.ts', [
    { name: 'retries', durationMs: slowMs },
    { name: 'quick', durationMs: 100 },
  ]);
  const other = aFileRun('test/other.test.ts', [
    { name: 'adds', durationMs: 29_950 },
    { name: 'later', outcome: 'skipped', durationMs: 0, skipReason: 'needs a network' },
  ]);
  const settings = { instrumented: false, coverage: null, wallMs: 41_000, workers: 2 } as const;
  return aRun([slow, other], { ...settings, ...change });
}

test('the suite is its median against budget and ideal, over by a positive gap', () => {
  const audit = auditOf([bareRun({ wallMs: 150_000 }), bareRun({ wallMs: 130_000 }), bareRun({ wallMs: 90_000 })], policy, 5);
  assert.equal(audit.repeats, 3);
  assert.deepEqual(audit.suite.samplesMs, [150_000, 130_000, 90_000]);
  assert.equal(audit.suite.medianMs, 130_000);
  assert.equal(audit.suite.p75Ms, 140_000);
  assert.equal(audit.suite.spread, 40 / 130);
  assert.deepEqual(audit.suite.budget, { limitMs: 120_000, gapMs: 10_000, gapPct: 100 / 12 });
  assert.deepEqual(audit.suite.ideal, { limitMs: 60_000, gapMs: 70_000, gapPct: 700 / 6 });
});

test('files and tests are listed slowest first, as many as asked for', () => {
  const audit = auditOf([bareRun()], policy, 1);
  assert.deepEqual(audit.slowestFiles, [{ file: 'test/slow.test.ts', durationMs: 40_150, aroundMs: null, tests: 2 }]);
  assert.deepEqual(
    audit.slowestTests.map(({ test: { name }, durationMs, known }) => ({ name, durationMs, known })),
    [{ name: 'retries', durationMs: 40_000, known: true }],
  );
});

test('counts and means leave skipped tests out of the time', () => {
  const audit = auditOf([bareRun()], policy, 5);
  assert.equal(audit.files, 2);
  assert.equal(audit.tests, 4);
  assert.equal(audit.ran, 3);
  assert.equal(audit.meanTestMs, (40_000 + 100 + 29_950) / 3);
  assert.equal(audit.meanTestsPerFile, 2);
});

test('times of tests and files are medians over the runs', () => {
  const runs = [40_000, 48_000, 41_000].map((slowMs) => bareRun({}, slowMs));
  const audit = auditOf(runs, policy, 1);
  assert.equal(audit.slowestTests[0]?.durationMs, 41_000);
  assert.equal(audit.slowestFiles[0]?.durationMs, 41_150);
});

test('own time counts once: a test with subtests is not slow for theirs', () => {
  const file = aFileRun('test/nested.test.ts', [
    { name: 'outer', durationMs: 9_000, subtestsMs: 8_900 },
    { name: 'outer > inner', durationMs: 8_900 },
  ]);
  const audit = auditOf([aRun([file])], aPolicy(), 5);
  assert.deepEqual(
    audit.slowestTests.map((each) => each.test.name),
    ['outer > inner', 'outer'],
  );
  assert.equal(audit.meanTestMs, 4_500);
});

test('known-slow entries stand beside their measured time; one that did not run has none', () => {
  const gone = anEntry({ file: 'test/gone.test.ts', name: 'constructor' });
  const audit = auditOf([bareRun()], aPolicy({ knownSlow: [entry, gone] }), 5);
  assert.deepEqual(audit.known, [
    { entry, durationMs: 40_000, ceilingGap: { limitMs: 50_000, gapMs: -10_000, gapPct: -20 } },
    { entry: gone, durationMs: null, ceilingGap: null },
  ]);
});

test('without the known-slow tests one worker saves all of their time', () => {
  const audit = auditOf([bareRun({ wallMs: 70_500, workers: 1 })], policy, 5);
  assert.deepEqual(audit.withoutKnown, { wallMs: 30_500, savedMs: 40_000, testMs: 40_000 });
});

test('with two workers it saves only what the other files do not hide', () => {
  const audit = auditOf([bareRun()], policy, 5);
  // 40.15 s beside 30.0 s becomes 0.15 s beside 30.0 s.
  assert.deepEqual(audit.withoutKnown, { wallMs: 30_850, savedMs: 10_150, testMs: 40_000 });
});

test('the estimate never falls below zero', () => {
  const overlapping = bareRun({ wallMs: 5_000, workers: 1 });
  assert.equal(auditOf([overlapping], policy, 5).withoutKnown?.wallMs, 0);
});

test('without known-slow tests there is nothing to estimate', () => {
  assert.equal(auditOf([bareRun()], aPolicy(), 5).withoutKnown, null);
  assert.equal(auditOf([aRun()], policy, 5).withoutKnown, null);
});

test('an empty suite has no means, and no runs are refused', () => {
  const audit = auditOf([aRun([])], policy, 5);
  assert.equal(audit.meanTestMs, null);
  assert.equal(audit.meanTestsPerFile, null);
  assert.throws(() => auditOf([], policy, 5), RangeError);
});

test('one test in one file has means', () => {
  const audit = auditOf([aRunOf([{ durationMs: 30 }])], policy, 5);
  assert.equal(audit.meanTestMs, 30);
  assert.equal(audit.meanTestsPerFile, 1);
});

test('an entry is its file and its name, not one of them', () => {
  const others = [anEntry({ ...entry, name: 'adds' }), anEntry({ ...entry, file: 'test/other.test.ts' })];
  const audit = auditOf([bareRun()], aPolicy({ knownSlow: others }), 5);
  assert.deepEqual(
    audit.known.map((each) => each.durationMs),
    [null, null],
  );
});
