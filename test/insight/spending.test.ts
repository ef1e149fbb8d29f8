import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timedOf, type Timed } from '../../src/insight/audit.ts';
import { explained } from '../../src/insight/cause.ts';
import { bestWorkers, wallWithout } from '../../src/insight/schedule.ts';
import { spendingOf, type LookedAt, type Spending, type SpentOn } from '../../src/insight/spending.ts';
import type { TestRun } from '../../src/model/test-run.ts';
import { aFileRun, aPolicy, aRun, aTrace, aWait } from '../support/builders.ts';

/** One file of 10 s around its tests and 30 s in two of them, another of 5 s and 15 s; on one worker. */
function suite(change: Partial<TestRun> = {}): Timed {
  const slow = [
    { name: 'waits', durationMs: 20_000 },
    { name: 'spawns', durationMs: 10_000 },
  ];
  const run = aRun(
    [
      aFileRun('test/a.test.ts', slow, { durationMs: 40_000, aroundMs: 10_000 }),
      aFileRun('test/b.test.ts', [{ name: 'computes', durationMs: 15_000 }], { durationMs: 20_000, aroundMs: 5_000 }),
    ],
    { wallMs: 61_000, workers: 1, ...change },
  );
  return timedOf([run], aPolicy());
}

function looked(timed: Timed, name: string, ...trace: Parameters<typeof aTrace>): LookedAt {
  const found = timed.tests.find(({ test: { name: own } }) => own === name);
  assert.ok(found);
  return { ...found, explanation: explained(aTrace(...trace), found.durationMs) };
}

const msOn = ({ rows }: Spending, on: SpentOn): number => Math.round(rows.find((row) => row.on === on)?.durationMs ?? 0);
const sumOf = ({ rows }: Spending): number => Math.round(rows.reduce((sum, row) => sum + row.durationMs, 0));

test('without traces time is in tests, or around them', () => {
  const spending = spendingOf(suite(), []);
  assert.deepEqual(spending.rows, [
    { on: 'unseen', durationMs: 45_000 },
    { on: 'around', durationMs: 15_000 },
  ]);
  assert.deepEqual([spending.filesMs, spending.testsMs, spending.mending, spending.mendedAll], [60_000, 45_000, [], null]);
});

test('what was traced is split, and the rows add up to the time of all files', () => {
  const timed = suite();
  const spending = spendingOf(timed, [
    looked(timed, 'waits', { timers: 18_000 }, { wallMs: 20_000, waits: [aWait({ durationMs: 18_000 })] }),
  ]);
  assert.deepEqual([msOn(spending, 'timers'), msOn(spending, 'node'), msOn(spending, 'unseen')], [18_000, 2_000, 25_000]);
  assert.equal(sumOf(spending), 60_000);
  assert.deepEqual(spending.looked, { tests: 1, durationMs: 20_000 });
});

test('a test that is slower alone, for the tracer, counts with its time in the suite', () => {
  const timed = suite();
  const spending = spendingOf(timed, [looked(timed, 'waits', { timers: 20_000 }, { wallMs: 40_000 })]);
  assert.deepEqual([msOn(spending, 'timers'), msOn(spending, 'beside')], [10_000, 0]);
  assert.equal(sumOf(spending), 60_000);
});

test('a test that is faster alone loses the rest to the suite', () => {
  const timed = suite();
  const spending = spendingOf(timed, [looked(timed, 'waits', { timers: 4_000 }, { wallMs: 5_000 })]);
  assert.equal(msOn(spending, 'beside'), 15_000);
  assert.deepEqual(
    spending.mending.map(({ group, savedMs, wallMs }) => [group, savedMs, wallMs]),
    [['contention', 15_000, 46_000]],
  );
});

test('mending one cause saves what it costs, and names the line that costs most', () => {
  const timed = suite();
  const spending = spendingOf(timed, [
    looked(timed, 'waits', { timers: 18_000 }, { wallMs: 20_000, waits: [aWait({ durationMs: 18_000 })] }),
    looked(timed, 'computes', { source: 15_000 }, { wallMs: 15_000 }),
  ]);
  assert.deepEqual(spending.mending[0], {
    group: 'timers',
    tests: 1,
    at: { file: 'src/sync/retry.ts', line: 52 },
    wallMs: 43_000,
    savedMs: 18_000,
  });
  assert.deepEqual([spending.mending[1]?.group, spending.mending[1]?.at], ['computing', null]);
  assert.deepEqual(spending.mendedAll, { wallMs: 28_000, savedMs: 33_000 });
});

test('with two workers only what no other file hides is saved', () => {
  const timed = suite({ workers: 2, wallMs: 41_000 });
  const all = [looked(timed, 'waits', { timers: 18_000 }, { wallMs: 20_000, waits: [aWait({ durationMs: 18_000 })] })];
  // 40 s beside 20 s becomes 22 s beside 20 s.
  assert.equal(spendingOf(timed, all).mending[0]?.wallMs, 23_000);
  const hidden = [looked(timed, 'computes', { source: 15_000 }, { wallMs: 15_000 })];
  assert.deepEqual(spendingOf(timed, hidden).mending, []);
});

test('tests that overlap are not counted as more than their file took', () => {
  const both = [
    { name: 'one', durationMs: 10_000 },
    { name: 'other', durationMs: 10_000 },
  ];
  const timed = timedOf([aRun([aFileRun('a', both, { durationMs: 11_000, aroundMs: 1_000 })], { wallMs: 11_000 })], aPolicy());
  const spending = spendingOf(
    timed,
    both.map(({ name }) => looked(timed, name, { timers: 10_000 }, { wallMs: 10_000, waits: [aWait({ durationMs: 10_000 })] })),
  );
  assert.deepEqual([msOn(spending, 'timers'), msOn(spending, 'unseen'), sumOf(spending)], [10_000, 0, 11_000]);
  assert.equal(spending.mending[0]?.savedMs, 10_000);
});

test('files in one process have no time around their tests', () => {
  const timed = timedOf([aRun([aFileRun('a', [{ durationMs: 900 }])])], aPolicy());
  assert.equal(timed.files[0]?.aroundMs, null);
  assert.equal(msOn(spendingOf(timed, []), 'around'), 0);
});

test('an empty suite spends nothing', () => {
  const spending = spendingOf(timedOf([aRun([])], aPolicy()), []);
  assert.deepEqual([spending.filesMs, spending.rows], [0, []]);
});

test('no more is saved than the suite takes', () => {
  const files = [{ file: 'a', durationMs: 10_000 }];
  assert.deepEqual(wallWithout({ files, wallMs: 4_000, workers: 1 }, new Map([['a', 10_000]])), { wallMs: 0, savedMs: 4_000 });
  assert.deepEqual(wallWithout({ files, wallMs: 4_000, workers: 1 }, new Map([['other', 10_000]])), { wallMs: 4_000, savedMs: 0 });
});

test('the best number of workers is the fewest that is about as fast as any', () => {
  const trials = [
    { workers: 4, wallMs: 10_000 },
    { workers: 1, wallMs: 20_000 },
    { workers: 2, wallMs: 10_400 },
  ];
  assert.equal(bestWorkers(trials)?.workers, 2);
  assert.equal(bestWorkers(trials.slice(0, 2))?.workers, 4);
  assert.equal(bestWorkers([]), null);
});
