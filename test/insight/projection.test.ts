import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectedWallMs } from '../../src/insight/projection.ts';

const file = (name: string, durationMs: number) => ({ file: name, durationMs });
const [a, b] = [file('a', 40_000), file('b', 50_000)];
const full = { at: '2026-11-21T00:00:00.000Z', wallMs: 60_000, durationsMs: new Map([a, b].map((each) => [each.file, each.durationMs])) };

test('a suite of which nothing changed takes what it took', () => {
  assert.equal(projectedWallMs(full, [a, b], 2), 60_000);
});

test('what files take more or less is shared among the workers; files come and go', () => {
  assert.equal(projectedWallMs(full, [file('a', 50_000), b], 2), 65_000);
  assert.equal(projectedWallMs(full, [a, b, file('c', 9_000)], 1), 69_000);
  assert.equal(projectedWallMs(full, [b], 4), 50_000);
});

test('no suite takes less than its longest file', () => {
  assert.equal(projectedWallMs(full, [file('b', 70_000)], 8), 70_000);
  assert.equal(projectedWallMs(full, [], 2), 15_000);
});
