import assert from 'node:assert/strict';
import { test } from 'node:test';
import { globAbove, sourcesThatRan, startingTimeMs, startingFloorPct } from '../../src/insight/starting-policy.ts';
import { holds } from '../../src/model/coverage.ts';
import { aCount, aCoverage } from '../support/builders.ts';

test('the floor is what is held, never rounded up, less half a point', () => {
  const cases = [
    [837, 1000, 83.2],
    [8379, 10000, 83.2],
    [1000, 1000, 99.5],
    [999_999, 1_000_000, 99.4],
    [0, 10, 0],
    [3, 1000, 0],
    [2, 3, 66.1],
  ] as const;
  for (const [covered, total, floor] of cases) assert.equal(startingFloorPct(aCount(covered, total)), floor);
});

test('law: what is held today holds the floor, and half a point less does not', () => {
  for (let total = 1; total < 400; total += 7)
    for (let covered = 0; covered <= total; covered += 1) {
      const floor = startingFloorPct(aCount(covered, total));
      assert.ok(holds(aCount(covered, total), floor));
      if (floor > 0) assert.ok(!holds({ covered: covered - total * 0.0061, total }, floor), `${covered}/${total}`);
    }
});

test('the budget is the usual one, or a fifth above what is needed in steps of five seconds', () => {
  assert.equal(startingTimeMs(119_999, 120_000), 120_000);
  assert.equal(startingTimeMs(120_000, 120_000), 120_000);
  assert.equal(startingTimeMs(120_001, 120_000), 145_000);
  assert.equal(startingTimeMs(125_000, 120_000), 150_000);
  assert.equal(startingTimeMs(361_000, 120_000), 435_000);
});

test('without a src folder the sources are the folders of which something ran', () => {
  const coverage = aCoverage({ 'lib/a.js': 0.5, 'lib/b.js': 0, 'index.js': 1, 'tools/release.js': 0, 'examples/a.js': 1, 'dist/a.js': 1 });
  const own = (file: string): boolean => !file.startsWith('dist/');
  assert.deepEqual(sourcesThatRan(coverage, own), ['index.js', 'lib/**']);
  assert.equal(sourcesThatRan(aCoverage({ 'lib/a.js': 1, 'index.js': 1 }), own), null);
  assert.equal(sourcesThatRan(aCoverage({ 'lib/a.js': 0 }), own), null);
  assert.equal(globAbove('a/b/c.js'), 'a/**');
});
