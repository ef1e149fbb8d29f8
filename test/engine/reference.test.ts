import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measurePace, referenceAfter } from '../../src/engine/reference.ts';

const nodeVersion = process.versions.node;

test('a round of the reference workload takes time, the fastest no more than the average', async () => {
  const pace = await measurePace();
  assert.ok(pace);
  assert.ok(pace.leastMs > 0 && pace.leastMs <= pace.wallMs);
});

test('a checkpoint takes over the reference that is known, and measures none', async () => {
  const before = { roundMs: 0.5, nodeVersion };
  assert.deepEqual(await referenceAfter(before, async () => assert.fail('measured')), before);
});

test('without one, what a round takes now is the reference', async () => {
  const pace = async () => ({ wallMs: 2, leastMs: 0.6 });
  assert.deepEqual(await referenceAfter(null, pace), { roundMs: 0.6, nodeVersion });
});

test('what cannot be measured is no reference', async () => {
  assert.equal(await referenceAfter(null, async () => null), null);
  assert.equal(
    await referenceAfter(null, async () => {
      throw new Error('no timer');
    }),
    null,
  );
});
