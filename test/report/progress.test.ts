import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Progress } from '../../src/model/progress.ts';
import { heartbeatText, liveText } from '../../src/report/progress.ts';
import { widthOf } from '../../src/report/tables.ts';

const suite: Progress = {
  building: null,
  elapsedMs: 31_900,
  filesDone: 42,
  filesTotal: 120,
  testsDone: 300,
  failed: 0,
  slowest: { file: 'test/sync/retry.test.ts', name: 'gives up', elapsedMs: 4_120 },
};

test('a heartbeat says files done and elapsed of the budget', () => {
  assert.equal(heartbeatText(suite, 120_000), '42/120 files, 31 s of 120 s');
  assert.equal(heartbeatText({ ...suite, failed: 2 }, null), '42/120 files, 31 s, 2 failed');
  assert.equal(heartbeatText({ ...suite, filesTotal: 0 }, 120_000), '300 tests, 31 s of 120 s');
});

test('a build before the tests is no time of the suite', () => {
  const building = { ...suite, building: 'npm run\nbuild', slowest: null };
  assert.equal(heartbeatText(building, 120_000), 'Before the tests: npm run\\nbuild, 31 s');
  assert.equal(liveText(building, 120_000, 30), 'Before the tests: npm run\\nb…');
});

test('the live line adds the test that runs longest, once it is notable', () => {
  assert.equal(liveText(suite, 120_000, 200), '42/120 files, 31 s of 120 s   4.1 s  test/sync/retry.test.ts  gives up');
  assert.equal(liveText({ ...suite, slowest: { file: 'a', name: 'b', elapsedMs: 900 } }, 120_000, 200), '42/120 files, 31 s of 120 s');
  assert.equal(liveText({ ...suite, slowest: null }, 120_000, 200), '42/120 files, 31 s of 120 s');
});

test('the live line never fills the terminal', () => {
  for (const name of ['x'.repeat(500), '日'.repeat(500)]) {
    const text = liveText({ ...suite, slowest: { file: name, name, elapsedMs: 5_000 } }, 120_000, 60);
    assert.ok(widthOf(text) < 60);
    assert.ok(!text.includes('\n'));
  }
});
