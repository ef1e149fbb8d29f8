import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { killWriters } from '../support/kill-writes.ts';
import { killGates, type Place } from '../support/kills.ts';

// A few of the hundreds that test/bench/kills.ts makes by hand.
describe('kill -9', () => {
  const cases: readonly Place[][] = [['in place'], ['in a new copy', 'in a copy']];
  for (const places of cases) {
    it(`of the whole gate ${places.join(' and ')} changes nothing of the user’s and leaves nothing`, { timeout: 60_000 }, async (t) => {
      const { rounds, changed, alive, wrong, left } = await killGates(t, places);
      assert.deepEqual({ rounds, changed, alive, wrong, left }, { rounds: places.length, changed: [], alive: [], wrong: [], left: [] });
    });
  }

  it('of a writer of state loses no record that was announced, and leaves every file readable', async (t) => {
    const { kills, lost, unreadable, left } = await killWriters(t, 5);
    assert.deepEqual({ kills, lost, unreadable, left }, { kills: 5, lost: [], unreadable: [], left: [] });
  });
});
