import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judge } from '../../src/gate/judge.ts';
import { ALL_GATES } from '../../src/model/policy.ts';
import type { Changes } from '../../src/model/changes.ts';
import type { LineRange } from '../../src/model/coverage.ts';
import type { FindingOf } from '../../src/model/finding.ts';
import { aFileCoverage, aFileRun, aPolicy, aRun } from '../support/builders.ts';

const CONTEXT = { gates: ALL_GATES, today: '2026-11-21', ci: false, passOnUnpruned: false };
const SOURCES = [aFileCoverage('src/a.ts', [80, 100], [[11, 30]]), aFileCoverage('src/b.ts', [10, 10])];

function changes(files: Record<string, readonly LineRange[]> | null): Changes {
  return { base: '3f2c1ab', files: files && new Map(Object.entries(files)) };
}

function judged(limit: number | null, what: Changes | null): FindingOf<'coverage-changed'>[] {
  const policy = aPolicy({ coverage: { floor: {}, changed: limit === null ? null : { lines: limit } } });
  const run = aRun([aFileRun()], { coverage: { files: SOURCES } });
  const { findings } = judge(run, policy, { checkpoint: null, changes: what }, CONTEXT);
  return findings.filter((finding) => finding.code === 'coverage-changed');
}

describe('changed lines', () => {
  test('just under, at and just over the limit', () => {
    const half = changes({
      'src/a.ts': [
        [1, 10],
        [21, 30],
      ],
    });
    assert.deepEqual(judged(50.01, half).length, 1);
    assert.deepEqual(judged(50, half), []);
    assert.deepEqual(judged(49.99, half), []);
  });

  test('only those that are in sources count, up to the end of the file', () => {
    assert.deepEqual(judged(100, changes({ 'README.md': [[1, 50]], 'test/a.test.ts': [[1, 9]] })), []);
    assert.deepEqual(judged(100, changes({ 'src/b.ts': [[5, Number.MAX_SAFE_INTEGER]] })), []);
    assert.deepEqual(
      judged(
        100,
        changes({
          'src/b.ts': [
            [11, 12],
            [0, 0],
          ],
        }),
      ),
      [],
    );
    assert.deepEqual(judged(100, changes({})), []);
  });

  test('name the file, what never ran of it, and how much is missing', () => {
    const [finding] = judged(
      80,
      changes({
        'src/a.ts': [
          [5, 14],
          [29, 40],
        ],
        'src/b.ts': [[1, 2]],
      }),
    );
    assert.deepEqual(finding?.count, { covered: 18, total: 24 });
    assert.deepEqual(finding?.gaps, [
      {
        file: 'src/a.ts',
        count: { covered: 16, total: 22 },
        uncovered: [
          [11, 14],
          [29, 30],
        ],
        short: 2,
      },
    ]);
    assert.equal(finding?.base, '3f2c1ab');
    assert.equal(finding?.severity, 'error');
  });

  test('are all lines where there is nothing to compare with', () => {
    const [finding] = judged(90, changes(null));
    assert.deepEqual(finding?.count, { covered: 90, total: 110 });
  });

  test('are not judged without a limit, or without a push', () => {
    assert.deepEqual(judged(null, changes(null)), []);
    assert.deepEqual(judged(100, null), []);
  });
});

test('a loosened policy is part of the verdict, and stops it only as an error', () => {
  const loosened = (severity: 'note' | 'error') =>
    ({ code: 'policy-loosened', severity, setting: 'coverage.floor', before: '64', after: '60' }) as const;
  const of = (severity: 'note' | 'error') => judge(aRun(), aPolicy(), { checkpoint: null, loosened: [loosened(severity)] }, CONTEXT);
  assert.deepEqual([of('note').outcome, of('error').outcome], ['pass', 'fail']);
  assert.equal(of('note').findings.length, 1);
});
