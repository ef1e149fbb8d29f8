import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enoughAlone, gapOf, gapsOf } from '../../src/insight/gaps.ts';
import { aCoverage, aFileCoverage } from '../support/builders.ts';

test('a gap is measured against the goal', () => {
  const file = aFileCoverage(
    'src/a.ts',
    [31, 99],
    [
      [40, 96],
      [98, 108],
    ],
  );
  assert.deepEqual(gapOf(file, 'lines', 80), {
    file: 'src/a.ts',
    count: { covered: 31, total: 99 },
    short: 49,
    uncovered: [
      [40, 96],
      [98, 108],
    ],
  });
});

test('files short of the goal come with the most to gain first, equals by name', () => {
  const coverage = aCoverage({
    'src/held.ts': [8, 10],
    'src/b.ts': [0, 10],
    'src/a.ts': [0, 10],
    'src/large.ts': [500, 1_000],
    'src/empty.ts': [0, 0],
  });
  assert.deepEqual(
    gapsOf(coverage, 'lines', 80).map(({ file, short }) => [file, short]),
    [
      ['src/large.ts', 300],
      ['src/a.ts', 8],
      ['src/b.ts', 8],
    ],
  );
});

test('gaps read the metric asked for', () => {
  const coverage = aCoverage({ 'src/a.ts': { lines: [10, 10], branches: [1, 4] } });
  assert.deepEqual(gapsOf(coverage, 'lines', 100), []);
  assert.equal(gapsOf(coverage, 'branches', 100)[0]?.short, 3);
});

test('the smallest file that suffices is enough alone', () => {
  const gaps = gapsOf(aCoverage({ 'src/a.ts': [0, 88], 'src/b.ts': [0, 40], 'src/c.ts': [0, 39] }), 'lines', 80);
  assert.equal(enoughAlone(gaps, 39)?.file, 'src/c.ts');
  assert.equal(enoughAlone(gaps, 40)?.file, 'src/b.ts');
  assert.equal(enoughAlone(gaps, 41)?.file, 'src/a.ts');
  assert.equal(enoughAlone(gaps, 89), null);
});

test('where nothing is needed no file is named', () => {
  const gaps = gapsOf(aCoverage({ 'src/a.ts': [0, 88] }), 'lines', 80);
  assert.equal(enoughAlone(gaps, 0), null);
  assert.equal(enoughAlone(gaps, NaN), null);
  assert.equal(enoughAlone([], 1), null);
});

test('one line is a gap, and one line can be what is needed', () => {
  const gaps = gapsOf(aCoverage({ 'src/a.ts': [79, 100], 'src/b.ts': [80, 100] }), 'lines', 80);
  assert.deepEqual(
    gaps.map(({ file, short }) => [file, short]),
    [['src/a.ts', 1]],
  );
  assert.equal(enoughAlone(gaps, 1)?.file, 'src/a.ts');
});
