import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { holds, pctOf, shortOf, totalOf } from '../../src/model/coverage.ts';
import { aCount, aCoverage } from '../support/builders.ts';

const counts = fc.tuple(fc.nat(100_000), fc.nat(100_000)).map(([a, b]) => aCount(Math.min(a, b), Math.max(a, b)));
/** Limits with two decimals, as the configuration accepts them. */
const limits = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);

test('a limit holds exactly at its value, and not one line below', () => {
  assert.equal(holds(aCount(63, 100), 64), false);
  assert.equal(holds(aCount(64, 100), 64), true);
  assert.equal(holds(aCount(65, 100), 64), true);
});

test('no rounding lifts a figure over its limit', () => {
  assert.equal(holds(aCount(639_999, 1_000_000), 64), false);
  assert.equal(holds(aCount(9_999, 10_000), 100), false);
  // 57.3 is 57.299999999999997 as a float; 573 of 1000 is exactly the limit.
  assert.equal(holds(aCount(573, 1_000), 57.3), true);
});

test('nothing to cover holds every limit, NaN none', () => {
  assert.equal(holds(aCount(0, 0), 100), true);
  assert.equal(holds(aCount(NaN, 10), 0), false);
  assert.equal(holds(aCount(1, NaN), 0), false);
  assert.equal(holds(aCount(1, 1), NaN), false);
});

test('covering what is short always holds the limit, and one less never does', () => {
  fc.assert(
    fc.property(counts, limits, (count, limitPct) => {
      const short = shortOf(count, limitPct);
      assert.ok(holds(aCount(count.covered + short, count.total), limitPct));
      assert.equal(short === 0, holds(count, limitPct));
      if (short > 0) assert.ok(!holds(aCount(count.covered + short - 1, count.total), limitPct));
    }),
  );
});

test('a printed percentage never rounds up across a limit', () => {
  fc.assert(
    fc.property(counts, limits, fc.integer({ min: 0, max: 2 }), (count, limitPct, digits) => {
      if (!holds(count, limitPct)) assert.ok(pctOf(count, 2) < limitPct);
      assert.ok(pctOf(count, digits) <= pctOf(count, digits + 1));
      assert.ok(pctOf(count, digits) >= 0 && pctOf(count, digits) <= 100);
    }),
  );
});

test('a held limit with as many digits is never printed below it', () => {
  fc.assert(
    fc.property(counts, limits, (count, limitPct) => {
      if (holds(count, limitPct)) assert.ok(pctOf(count, 2) >= limitPct);
    }),
  );
});

test('a total sums its metric over all files', () => {
  const coverage = aCoverage({ 'src/a.ts': [1, 4], 'src/b.ts': { lines: [5, 6], branches: [0, 3] } });
  assert.deepEqual(totalOf(coverage, 'lines'), aCount(6, 10));
  assert.deepEqual(totalOf(coverage, 'branches'), aCount(1, 7));
  assert.deepEqual(totalOf(aCoverage(), 'lines'), aCount(0, 0));
});
