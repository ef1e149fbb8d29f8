import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { scheduleMs } from '../../src/insight/schedule.ts';
import { median, p75, quantile, relativeSpread } from '../../src/insight/stats.ts';

const samples = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });

test('the median is the middle, or between the two in the middle', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([10, 1, 2, 5]), 3.5);
  assert.equal(median([7]), 7);
});

test('samples are compared as numbers and stay in place', () => {
  const ms = [100, 9, 20];
  assert.equal(median(ms), 20);
  assert.deepEqual(ms, [100, 9, 20]);
});

test('p75 is interpolated between neighbours', () => {
  assert.equal(p75([1, 2, 3, 4, 5]), 4);
  assert.equal(p75([1, 2, 3, 4]), 3.25);
});

test('without samples every figure is NaN, so that no limit holds', () => {
  for (const figure of [median([]), p75([]), relativeSpread([])]) assert.ok(Number.isNaN(figure));
});

test('the spread is the largest distance from the median', () => {
  assert.equal(relativeSpread([100, 104, 90]), 0.1);
  assert.equal(relativeSpread([5]), 0);
  assert.equal(relativeSpread([0, 0, 3]), 0);
});

test('quantiles lie between the extremes and never fall', () => {
  fc.assert(
    fc.property(samples, (ms) => {
      const at = [0, 0.25, 0.5, 0.75, 1].map((q) => quantile(ms, q));
      assert.equal(at[0], Math.min(...ms));
      assert.equal(at[4], Math.max(...ms));
      // Interpolation may be off by the last bit of the larger neighbour.
      for (const [index, value] of at.entries()) assert.ok(value >= (at[index - 1] ?? 0) * (1 - 1e-12));
    }),
  );
});

test('each free worker takes the next job', () => {
  assert.equal(scheduleMs([5, 1, 1, 1], 2), 5);
  assert.equal(scheduleMs([1, 1, 1, 5], 2), 6);
  assert.equal(scheduleMs([1, 2, 3], 1), 6);
  assert.equal(scheduleMs([1, 2, 3], 8), 3);
  assert.equal(scheduleMs([], 2), 0);
  assert.equal(scheduleMs([4, 4], 0), 8);
  assert.equal(scheduleMs([4, 4], NaN), 8);
});

test('a shorter job never makes the whole longer', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1_000), fc.nat(1_000)), { maxLength: 30 }), fc.integer({ min: 1, max: 8 }), (pairs, workers) => {
      const before = pairs.map(([ms]) => ms);
      const after = pairs.map(([ms, less]) => Math.max(0, ms - less));
      assert.ok(scheduleMs(after, workers) <= scheduleMs(before, workers));
    }),
  );
});
