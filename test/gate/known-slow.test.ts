import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeKnownSlow } from '../../src/gate/known-slow.ts';
import type { KnownSlowContext } from '../../src/gate/known-slow.ts';
import { timedTests } from '../../src/gate/slow.ts';
import type { KnownSlowEntry } from '../../src/model/known-slow.ts';
import type { Test, TestRun } from '../../src/model/test-run.ts';
import { aFileRun, aPolicy, aRun, aRunOf, anAloneAttempt, anAttempt, anEntry } from '../support/builders.ts';

const LOCAL: KnownSlowContext = { today: '2026-06-15', ci: false, passOnUnpruned: false };

function judged(run: TestRun, entries: readonly KnownSlowEntry[], context: Partial<KnownSlowContext> = {}) {
  return judgeKnownSlow(run, timedTests(run), aPolicy({ knownSlow: entries }), { ...LOCAL, ...context });
}

function codes(run: TestRun, entries: readonly KnownSlowEntry[], context: Partial<KnownSlowContext> = {}): string[] {
  return judged(run, entries, context).map(({ code, severity }) => `${severity} ${code}`);
}

/** A run of one test that the default entry names. */
function measuring(durationMs: number, change: Partial<Test> = {}): TestRun {
  return aRunOf([{ durationMs, ...change }]);
}

/** What a slow test's entry with this expiry gets on a day. */
function on(today: string, expires: string | null): string[] {
  return codes(measuring(11_000), [anEntry({ expires })], { today });
}

describe('ceiling', () => {
  test('just under and equal hold, just over fails', () => {
    assert.deepEqual(codes(measuring(14_999.9), [anEntry()]), []);
    assert.deepEqual(codes(measuring(15_000), [anEntry()]), []);
    assert.deepEqual(codes(measuring(15_000.1), [anEntry()]), ['error known-slow-over-ceiling']);
    assert.deepEqual(codes(measuring(NaN), [anEntry()]), ['error known-slow-over-ceiling']);
  });

  test('the fastest attempt is held, and the finding names the entry', () => {
    const attempts = [anAttempt({ durationMs: 19_000 }), anAloneAttempt({ durationMs: 16_000 })];
    const run = measuring(19_000, { attempts });
    const entry = anEntry({ owner: '@auth' });
    assert.deepEqual(judged(run, [entry]), [
      {
        code: 'known-slow-over-ceiling',
        severity: 'error',
        test: run.files[0]?.tests[0],
        durationMs: 16_000,
        limitMs: 15_000,
        confirmed: true,
        entry,
        allowlist: 'known-slow.jsonc',
      },
    ]);
    const held = [...attempts, anAloneAttempt({ durationMs: 15_000 })];
    assert.deepEqual(codes(measuring(19_000, { attempts: held }), [entry]), []);
  });

  test('of two entries for one test the lowest ceiling counts, in either order', () => {
    const entries = [anEntry({ ceilingMs: 20_000, line: 4 }), anEntry({ ceilingMs: 12_000, line: 5 })];
    for (const order of [entries, entries.toReversed()]) {
      const found = judged(measuring(13_000), order);
      assert.deepEqual(
        found.map((one) => [one.code, one.entry.line]),
        [['known-slow-over-ceiling', 5]],
      );
    }
  });

  test('a ceiling under the slow limit is held too, and such a test is not called stale', () => {
    assert.deepEqual(codes(measuring(8_500), [anEntry({ ceilingMs: 8_000 })]), ['error known-slow-over-ceiling']);
  });

  test('of tests that share a name each has to keep the ceiling', () => {
    const run = aRunOf([11_000, 16_000, 17_000].map((durationMs) => ({ name: 'test 1', durationMs })));
    const found = judged(run, [anEntry()]);
    assert.deepEqual(
      found.map((one) => one.code === 'known-slow-over-ceiling' && one.durationMs),
      [17_000, 16_000],
    );
  });
});

describe('expiry', () => {
  test('the last day still counts, the next does not', () => {
    assert.deepEqual(on('2027-03-30', '2027-03-31'), ['warning known-slow-expiring']);
    assert.deepEqual(on('2027-03-31', '2027-03-31'), ['warning known-slow-expiring']);
    assert.deepEqual(on('2027-04-01', '2027-03-31'), ['error known-slow-expired']);
  });

  test('it warns from 14 days before, across months and years', () => {
    assert.deepEqual(on('2026-12-17', '2027-01-01'), []);
    assert.deepEqual(on('2026-12-18', '2027-01-01'), ['warning known-slow-expiring']);
    assert.deepEqual(on('2028-02-15', '2028-03-01'), []);
    assert.deepEqual(on('2028-02-16', '2028-03-01'), ['warning known-slow-expiring']);
    const [found] = judged(measuring(11_000), [anEntry({ expires: '2026-06-20' })]);
    assert.equal(found?.code === 'known-slow-expiring' && found.daysLeft, 5);
  });

  test('without an expiry an entry never ends; a day that is none has ended', () => {
    assert.deepEqual(on('9999-12-31', null), []);
    assert.deepEqual(on('2026-06-15', 'never'), ['error known-slow-expired']);
    assert.deepEqual(on('', '2027-01-01'), ['error known-slow-expired']);
  });

  test('an expired entry fails whatever its test measures, skipped or not', () => {
    const expired = [anEntry({ expires: '2026-06-14' })];
    assert.deepEqual(codes(measuring(20), expired), ['error known-slow-expired']);
    assert.deepEqual(codes(measuring(0, { outcome: 'skipped' }), expired), ['error known-slow-expired']);
    assert.deepEqual(codes(measuring(16_000), expired), ['error known-slow-over-ceiling', 'error known-slow-expired']);
  });

  test('an expired entry whose test is gone is stale, not expired', () => {
    assert.deepEqual(codes(aRun(), [anEntry({ name: 'gone', expires: '2026-06-14' })]), ['warning known-slow-stale']);
  });
});

describe('stale', () => {
  test('fast is below 90 % of the slow limit, so that a test near it does not flip', () => {
    assert.deepEqual(codes(measuring(8_999.9), [anEntry()]), ['warning known-slow-stale']);
    assert.deepEqual(codes(measuring(9_000), [anEntry()]), []);
    assert.deepEqual(codes(measuring(9_000.1), [anEntry()]), []);
  });

  test('a warning here, an error in CI, a note where unpruned entries pass', () => {
    for (const run of [measuring(20), aRun([])]) {
      assert.deepEqual(codes(run, [anEntry()]), ['warning known-slow-stale']);
      assert.deepEqual(codes(run, [anEntry()], { ci: true }), ['error known-slow-stale']);
      assert.deepEqual(codes(run, [anEntry()], { ci: true, passOnUnpruned: true }), ['note known-slow-stale']);
      assert.deepEqual(codes(run, [anEntry()], { passOnUnpruned: true }), ['note known-slow-stale']);
    }
  });

  test('only a test that passed is shown to be fast', () => {
    for (const outcome of ['failed', 'flaky', 'todo', 'skipped'] as const) {
      assert.deepEqual(codes(measuring(20, { outcome }), [anEntry()]), [], outcome);
    }
  });

  test('of tests that share a name all have to be fast', () => {
    const run = aRunOf([20, 11_000].map((durationMs) => ({ name: 'test 1', durationMs })));
    assert.deepEqual(codes(run, [anEntry()]), []);
  });

  test('the finding says why: fast with its time, vanished without', () => {
    const found = judged(measuring(20), [anEntry(), anEntry({ name: 'gone' })]);
    assert.deepEqual(
      found.map((one) => one.code === 'known-slow-stale' && [one.why, one.durationMs, one.test?.name ?? null, one.limitMs]),
      [
        ['fast', 20, 'test 1', 10_000],
        ['vanished', null, null, 10_000],
      ],
    );
  });

  test('a renamed test and a moved file have vanished; hostile names are looked up as they are', () => {
    const entries = ['__proto__', 'constructor', 'toString'].map((name) => anEntry({ name }));
    assert.equal(codes(measuring(11_000), entries).length, 3);
    const run = aRunOf([{ name: '__proto__', durationMs: 11_000 }]);
    assert.deepEqual(
      judged(run, entries).map((one) => one.entry.name),
      ['constructor', 'toString'],
    );
    assert.deepEqual(codes(run, [anEntry({ file: 'test/moved.test.ts', name: '__proto__' })]), ['warning known-slow-stale']);
  });
});

describe('not proof that a test is gone', () => {
  const gone = [anEntry({ name: 'outer > gone' })];

  test('missing evidence', () => {
    const unproven = [{ kind: 'file-killed', file: 'test/b.test.ts', signal: null }] as const;
    assert.deepEqual(codes(aRun(undefined, { unproven }), gone), []);
  });

  test('a skip or a todo, of the test or of one around it', () => {
    for (const name of ['outer > gone', 'outer']) {
      for (const outcome of ['skipped', 'todo'] as const) {
        // A todo that ran and was quick is not stale either: only a pass is.
        assert.deepEqual(codes(aRunOf([{ name, outcome, durationMs: 0 }]), gone), [], `${outcome} ${name}`);
      }
    }
    assert.deepEqual(codes(aRunOf([{ name: 'out', outcome: 'skipped' }]), gone), ['warning known-slow-stale']);
  });

  test('a failure in its file, which may have kept it from starting; one elsewhere does not', () => {
    const failed = aFileRun('test/a.test.ts', [{ name: 'test/a.test.ts', line: 0, outcome: 'failed' }]);
    const other = aFileRun('test/b.test.ts', [{ outcome: 'failed' }]);
    assert.deepEqual(codes(aRun([failed]), gone), []);
    assert.deepEqual(codes(aRun([other]), gone), ['warning known-slow-stale']);
    for (const change of [{ outcome: 'flaky' }, { onlyUnderCoverage: true }] as const) {
      assert.deepEqual(codes(aRunOf([change]), gone), []);
    }
  });
});
