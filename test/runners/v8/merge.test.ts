import assert from 'node:assert/strict';
import test from 'node:test';
import { mergeProcessCovs } from '@bcoe/v8-coverage';
import * as fc from 'fast-check';
import type { RawSlice } from '../../../src/model/test-run.ts';
import type { FunctionCount, RangeCount } from '../../../src/runners/node-test/v8/functions.ts';
import { type ScriptCount, fewestScripts } from '../../../src/runners/node-test/v8/merge.ts';

/** Nested ranges in the order V8 writes them: parents first, siblings from left to right. */
function ranges(from: number, to: number, choices: Iterator<number>): RangeCount[] {
  const next = (): number => choices.next().value as number;
  const found: RangeCount[] = [{ startOffset: from, endOffset: to, count: next() % 4 }];
  let at = from + (next() % 3);
  while (at < to && next() % 3 > 0) {
    const end = Math.min(to, at + 1 + (next() % (to - from)));
    found.push(...ranges(at, end, choices));
    at = end + (next() % 2);
  }
  return found;
}

function* endless(numbers: readonly number[]): Generator<number, never> {
  for (let i = 0; ; i++) yield i < numbers.length ? (numbers[i] as number) : 0;
}

const aFunction: fc.Arbitrary<FunctionCount> = fc
  .tuple(fc.constantFrom([0, 12], [2, 7], [2, 9], [8, 12]), fc.boolean(), fc.array(fc.nat(20), { minLength: 1, maxLength: 40 }))
  .map(([[from, to], block, numbers]) => {
    const all = ranges(from as number, to as number, endless(numbers));
    return { functionName: `f${from}`, ranges: block ? all : all.slice(0, 1), isBlockCoverage: block };
  });

const aSlice: fc.Arbitrary<RawSlice> = fc.record({
  url: fc.constantFrom('file:///a.js', 'file:///b.js', '/a.js'),
  text: fc.array(aFunction, { minLength: 1, maxLength: 4 }).map((functions) => JSON.stringify(functions)),
  count: fc.integer({ min: 1, max: 5 }),
});

/** c8's merge, by path as c8 does it. */
function merged(scripts: readonly ScriptCount[]): unknown {
  return mergeProcessCovs([{ result: structuredClone(scripts).map((script) => ({ ...script, url: script.url.replace('file://', '') })) }]);
}

test('the fewest scripts merge to what all copies merge to', () => {
  fc.assert(
    fc.property(fc.array(aSlice, { minLength: 1, maxLength: 6 }), (slices) => {
      const copies = slices.flatMap(({ url, text, count }) =>
        Array.from({ length: count }, () => ({ scriptId: '0', url, functions: JSON.parse(text) as FunctionCount[] })),
      );
      assert.deepEqual(merged(fewestScripts(slices)), merged(copies));
    }),
    { numRuns: 1000 },
  );
});

function functionsIn(all: readonly (readonly [number, number, number])[], isBlockCoverage = true): string {
  const counted = all.map(([startOffset, endOffset, count]) => ({ startOffset, endOffset, count }));
  return JSON.stringify([{ functionName: '', ranges: counted, isBlockCoverage }]);
}

/** Counts of the scripts that stand for 400 copies of each text. */
function countsOf(...texts: readonly string[]): (number[] | undefined)[][] {
  const scripts = fewestScripts(texts.map((text) => ({ url: 'file:///a.js', text, count: 400 })));
  return scripts.map(({ functions }) => functions.map((each) => each.ranges.map(({ count }) => count)));
}

test('however often and with whatever counts a function comes, one stands for it', () => {
  assert.deepEqual(countsOf(functionsIn([[0, 9, 3]]), functionsIn([[0, 9, 5]])), [[[3200]], []]);
  assert.deepEqual(
    countsOf(
      functionsIn([
        [0, 9, 1],
        [2, 5, 0],
        [3, 4, 2],
      ]),
    ),
    [[[400, 0, 800]], []],
  );
  assert.deepEqual(countsOf(functionsIn([[0, 9, 0]], false)), [[[0]], []]);
  assert.deepEqual(
    countsOf(
      functionsIn([[0, 9, 1]]),
      functionsIn([
        [0, 9, 1],
        [0, 9, 0],
      ]),
    ),
    [[[400]], [[400, 0]]],
  );
});

test('two stand for it where a merge could call it something else', () => {
  assert.deepEqual(countsOf(functionsIn([[0, 9, 3]], false)), [[[1200]], [[0]]], 'a count without block coverage');
  assert.deepEqual(
    countsOf(
      functionsIn([
        [0, 9, 1],
        [0, 5, 0],
        [5, 9, 0],
      ]),
    ),
    [[[400, 0, 0]], [[0, 0, 0]]],
    'blocks that fill it',
  );
  assert.deepEqual(
    countsOf(
      functionsIn([
        [0, 9, 1],
        [0, 9, 0],
      ]),
    ),
    [[[400, 0]], [[0, 0]]],
    'a block that is all of it',
  );
  assert.deepEqual(
    countsOf(
      functionsIn([
        [0, 9, 1],
        [2, 5, 0],
        [4, 7, 0],
      ]),
    ),
    [[[400, 0, 0]], [[0, 0, 0]]],
    'blocks that overlap',
  );
  assert.deepEqual(
    countsOf(
      functionsIn([
        [0, 9, 1],
        [2, 2, 0],
      ]),
    ),
    [[[400, 0]], [[0, 0]]],
    'an empty block',
  );
});
