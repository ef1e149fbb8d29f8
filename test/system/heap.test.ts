import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeUnused, keepHeapSmall } from '../../src/system/heap.ts';

/** Objects that take some 60 MB, most of which V8 would let lie. */
function make(): object[] {
  return Array.from({ length: 1_000_000 }, (_, id) => ({ id }));
}

const heapMb = (): number => process.memoryUsage().heapUsed / 1e6;

test('what is no longer used is freed where that is much, once the heap is to be kept small', () => {
  let held: object[] | null = make();
  const full = heapMb();
  assert.equal(held.length, 1_000_000);
  held = null;
  keepHeapSmall(process.versions.node);
  freeUnused();
  assert.ok(heapMb() < full - 30, `${heapMb()} of ${full} MB`);
});

test('another version of Node is left alone', () => {
  keepHeapSmall('99.0.0');
  keepHeapSmall('18.20.0');
});
