import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differenceOf, repeatDifference } from '../../src/insight/difference.ts';
import type { TestRun } from '../../src/model/test-run.ts';
import { aCoverage, aFileRun, aRun } from '../support/builders.ts';

const TOP = 'file:///p/';
const url = 'file:///p/src/a%20b.js';
const text = (count: number, end = 9): string =>
  JSON.stringify([{ functionName: 'f', ranges: [{ startOffset: 0, endOffset: end, count }], isBlockCoverage: true }]);

test('equal runs do not differ, in whatever order their files stand', () => {
  const files = [aFileRun('a', [{ name: 'x' }]), aFileRun('b', [{ name: 'y' }])];
  assert.equal(differenceOf(aRun(files), aRun(files.toReversed(), { wallMs: 9 })), null);
});

test('a test that is missing, or comes out otherwise, is the difference', () => {
  const one = aRun([aFileRun('a', [{ name: 'x' }, { name: 'y' }])]);
  assert.deepEqual(differenceOf(one, aRun([aFileRun('a', [{ name: 'x' }])])), {
    kind: 'test',
    file: 'a',
    name: 'y',
    outcomes: ['passed', null],
    ranTwice: true,
  });
  assert.deepEqual(differenceOf(one, aRun([aFileRun('a', [{ name: 'x', outcome: 'failed' }, { name: 'y' }])])), {
    kind: 'test',
    file: 'a',
    name: 'x',
    outcomes: ['passed', 'failed'],
    ranTwice: true,
  });
});

test('a test that was taken over is told before one that ran both times and before counters, those last', () => {
  const differs = (outcome: 'passed' | 'failed', origin: 'measured' | 'reused', covered: number): TestRun =>
    aRun([aFileRun('a', [{ name: 'x', outcome }]), aFileRun('b', [{ name: 'y', outcome }], { origin })], {
      coverage: aCoverage({ 'src/a.ts': covered }),
    });
  const full = differs('passed', 'measured', 1);
  const told = (run: TestRun): unknown => {
    const found = differenceOf(run, full);
    return found?.kind === 'test' ? [found.file, found.ranTwice] : found?.kind;
  };
  assert.deepEqual(told(differs('failed', 'reused', 0.5)), ['b', false]);
  assert.deepEqual(told(differs('failed', 'measured', 0.5)), ['a', true]);
  assert.deepEqual(told(differs('passed', 'reused', 0.5)), 'coverage');
});

test('a counter differs for a file that ran twice when all that was taken over came out as it was', () => {
  const raw = (count: number): { raw: { url: string; text: string; count: number }[] } => ({ raw: [{ url, text: text(count), count: 1 }] });
  const run = (kept: number, again: number, covered: number, origin: 'measured' | 'reused' = 'measured'): TestRun =>
    aRun([aFileRun('a', [{ name: 'x' }], raw(again)), aFileRun('b', [{ name: 'y' }], { ...raw(kept), origin })], {
      coverage: aCoverage({ 'src/a.ts': covered }),
    });
  const unsteady = (incremental: TestRun): unknown => {
    const found = differenceOf(incremental, run(1, 1, 1));
    return found?.kind === 'coverage' ? found.unsteady : found;
  };
  assert.equal(unsteady(run(1, 0, 0.5, 'reused')), 'a');
  assert.equal(unsteady(run(0, 1, 0.5, 'reused')), undefined, 'what was taken over is another');
  assert.equal(unsteady(run(0, 0, 0.5, 'reused')), undefined, 'both');
  assert.equal(unsteady(run(1, 1, 0.5, 'reused')), undefined, 'neither: the counting is wrong');
});

test('of several tests with one name each counts', () => {
  const twice = aRun([aFileRun('a', [{ name: 'x' }, { name: 'x' }])]);
  assert.deepEqual(differenceOf(twice, aRun([aFileRun('a', [{ name: 'x' }])]))?.kind, 'test');
});

test('any counter of any source is the difference', () => {
  const found = differenceOf(aRun([], { coverage: aCoverage({ 'src/a.ts': 1 }) }), aRun([], { coverage: aCoverage({ 'src/a.ts': 0.5 }) }));
  assert.equal(found?.kind, 'coverage');
  const gone = differenceOf(
    aRun([], { coverage: aCoverage({ 'src/a.ts': 1, 'src/b.ts': 1 }) }),
    aRun([], { coverage: aCoverage({ 'src/a.ts': 1 }) }),
  );
  assert.deepEqual([gone?.kind, gone?.file], ['coverage', 'src/b.ts']);
});

test('a repeated file run may run its sources more often, not otherwise', () => {
  const kept = aFileRun('a', [{ name: 'x' }], { raw: [{ url, text: text(1), count: 1 }] });
  assert.equal(repeatDifference(kept, { ...kept, raw: [{ url, text: text(7), count: 1 }] }, TOP), null);
  assert.deepEqual(repeatDifference(kept, { ...kept, raw: [{ url, text: text(0), count: 1 }] }, TOP), {
    kind: 'lines',
    file: 'src/a b.js',
  });
  assert.deepEqual(repeatDifference(kept, { ...kept, raw: [{ url, text: text(1, 8), count: 1 }] }, TOP), {
    kind: 'lines',
    file: 'src/a b.js',
  });
  assert.equal(repeatDifference(kept, { ...kept, tests: [] }, TOP)?.kind, 'test');
});
