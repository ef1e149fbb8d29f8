import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fastestMs, isWholeFile, testKey, testsOf } from '../../src/model/test-run.ts';
import { aFileRun, aRun, aTest, anAloneAttempt, anAttempt } from '../support/builders.ts';

test('the fastest attempt judges', () => {
  const attempts = [anAttempt({ durationMs: 12_900 }), anAloneAttempt({ durationMs: 12_600 })];
  assert.equal(fastestMs(aTest({ attempts })), 12_600);
});

test('an attempt that skipped or failed alone does not show that a test is fast', () => {
  const skips = [anAttempt({ durationMs: 12_000 }), anAloneAttempt({ outcome: 'skipped', durationMs: 0.1 })];
  assert.equal(fastestMs(aTest({ attempts: skips })), 12_000);
  const fails = [anAttempt({ durationMs: 12_000 }), anAloneAttempt({ outcome: 'failed', durationMs: 1 })];
  assert.equal(fastestMs(aTest({ attempts: fails })), 12_000);
});

test('a test that only ever failed is as fast as its fastest failure', () => {
  const attempts = [anAttempt({ outcome: 'failed', durationMs: 30 }), anAloneAttempt({ outcome: 'failed', durationMs: 20 })];
  assert.equal(fastestMs(aTest({ outcome: 'failed', attempts })), 20);
});

test('without attempts the own time counts, never below zero', () => {
  assert.equal(fastestMs(aTest({ durationMs: 100, subtestsMs: 60, attempts: [] })), 40);
  assert.equal(fastestMs(aTest({ durationMs: 100, subtestsMs: 160, attempts: [] })), 0);
});

test('one unreadable duration makes the time unreadable', () => {
  assert.ok(Number.isNaN(fastestMs(aTest({ durationMs: NaN }))));
});

test('keys tell apart what a printed join would confuse', () => {
  const keys = [
    { file: 'a', name: 'b > c' },
    { file: 'a > b', name: 'c' },
    { file: 'a', name: 'b' },
    { file: '__proto__', name: 'constructor' },
  ].map(testKey);
  assert.equal(new Set(keys).size, keys.length);
});

test('tests stand in file order, and a whole file is told from a test named like it', () => {
  const run = aRun([aFileRun('b.test.ts', [{ name: 'x' }]), aFileRun('a.test.ts', [{ name: 'y' }, { name: 'z' }])]);
  assert.deepEqual(
    testsOf(run).map((each) => each.name),
    ['x', 'y', 'z'],
  );
  assert.equal(isWholeFile({ file: 'a.test.ts', name: 'a.test.ts', line: 0 }), true);
  assert.equal(isWholeFile({ file: 'a.test.ts', name: 'a.test.ts', line: 1 }), false);
});
