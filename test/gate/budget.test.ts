import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_COVERAGE_FACTOR, budgetCanChange, judgeBudget } from '../../src/gate/budget.ts';
import type { TestRun } from '../../src/model/test-run.ts';
import { aFileRun, aPolicy, aRun } from '../support/builders.ts';

const policy = aPolicy({ suite: { budgetMs: 120_000, idealMs: 60_000 } });

function codes(change: Partial<TestRun>): string[] {
  return judgeBudget(aRun(undefined, change), policy).map(({ code, severity }) => `${severity} ${code}`);
}

function can(change: Partial<TestRun>): boolean {
  return budgetCanChange(aRun(undefined, change), policy);
}

test('the budget: just under and equal hold, just over fails', () => {
  assert.deepEqual(codes({ wallMs: 119_999.9 }), ['warning suite-ideal']);
  assert.deepEqual(codes({ wallMs: 120_000 }), ['warning suite-ideal']);
  assert.deepEqual(codes({ wallMs: 120_000.1 }), ['error suite-budget']);
});

test('the ideal: just under and equal hold, just over warns', () => {
  assert.deepEqual(codes({ wallMs: 59_999.9 }), []);
  assert.deepEqual(codes({ wallMs: 60_000 }), []);
  assert.deepEqual(codes({ wallMs: 60_000.1 }), ['warning suite-ideal']);
});

test('a time that is no number is over', () => {
  assert.deepEqual(codes({ wallMs: NaN }), ['error suite-budget']);
  assert.deepEqual(codes({ wallMs: 1, bareWallMs: NaN }), ['error suite-budget']);
});

test('the shorter of both runs is judged', () => {
  assert.deepEqual(codes({ wallMs: 150_000, bareWallMs: 120_000 }), ['warning suite-ideal']);
  assert.deepEqual(codes({ wallMs: 150_000, bareWallMs: 60_000 }), []);
  assert.deepEqual(codes({ wallMs: 50_000, bareWallMs: 130_000 }), []);
  assert.deepEqual(codes({ wallMs: 150_000, bareWallMs: 120_001 }), ['error suite-budget']);
});

test('the finding carries both figures and the five slowest files', () => {
  const files = [3, 9, 1, 7, 5, 2].map((seconds) => aFileRun(`test/${seconds}.test.ts`, [{}, {}], { durationMs: seconds * 1_000 }));
  const run = aRun(files, { wallMs: 130_000, bareWallMs: 125_000, workers: 3 });
  assert.deepEqual(judgeBudget(run, policy), [
    {
      code: 'suite-budget',
      severity: 'error',
      wallMs: 130_000,
      bareWallMs: 125_000,
      projected: false,
      limitMs: 120_000,
      workers: 3,
      tests: 12,
      slowestFiles: [9, 7, 5, 3, 2].map((seconds) => {
        return { file: `test/${seconds}.test.ts`, durationMs: seconds * 1_000, tests: 2 };
      }),
    },
  ]);
});

test('running again without coverage is worth it only where it can change a failure', () => {
  const reach = 120_000 * MAX_COVERAGE_FACTOR;
  assert.equal(can({ wallMs: 120_000 }), false);
  assert.equal(can({ wallMs: 120_001 }), true);
  assert.equal(can({ wallMs: reach }), true);
  assert.equal(can({ wallMs: reach + 1 }), false);
  assert.equal(can({ wallMs: NaN }), false);
  assert.equal(can({ wallMs: 130_000, bareWallMs: 125_000 }), false);
  assert.equal(can({ wallMs: 130_000, instrumented: false }), false);
  assert.equal(can({ wallMs: 130_000, unproven: [{ kind: 'no-coverage' }] }), false);
});

test('the budget holds by the calibrated clock what a slow machine made of it, and no projection', () => {
  const machine = { cores: 2, load: 6, slower: { wall: 2, cpu: 1 } };
  const run = aRun(undefined, { wallMs: 130_000, cpuMs: 130_000, workers: 2, machine });
  assert.deepEqual(
    judgeBudget(run, aPolicy()).map((finding) => 'calibrated' in finding && finding.calibrated),
    [{ hereMs: 130_000, thereMs: 65_000, decides: false }],
  );
  const calibrated = aPolicy({ limits: { clock: 'calibrated' } });
  assert.deepEqual(
    judgeBudget(run, calibrated).map(({ code }) => code),
    ['suite-ideal'],
  );
  const [projected] = judgeBudget({ ...run, projectedWallMs: 130_000 }, calibrated);
  assert.equal(projected?.code, 'suite-budget');
  assert.equal('calibrated' in (projected ?? {}), false);
});
