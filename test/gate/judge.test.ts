import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judge } from '../../src/gate/judge.ts';
import type { JudgeContext } from '../../src/gate/judge.ts';
import { FINDING_CODES, inOrder } from '../../src/gate/order.ts';
import type { Past } from '../../src/model/checkpoint.ts';
import type { Finding, FindingCode } from '../../src/model/finding.ts';
import { ALL_GATES } from '../../src/model/policy.ts';
import type { TestRun } from '../../src/model/test-run.ts';
import { aCoverage, aFileRun, aPolicy, aRun, aRunOf, anEntry } from '../support/builders.ts';

function labelled(code: FindingCode, label: string): Finding {
  return { code, severity: 'note', label } as unknown as Finding;
}

const NO_PAST: Past = { checkpoint: null };
const CONTEXT: JudgeContext = { gates: ALL_GATES, today: '2026-06-15', ci: false, passOnUnpruned: false };

function verdict(run: TestRun, policy = aPolicy(), context: Partial<JudgeContext> = {}) {
  const { outcome, exitCode, findings, unproven } = judge(run, policy, NO_PAST, { ...CONTEXT, ...context });
  return { outcome, exitCode, codes: findings.map((finding) => finding.code), unproven: unproven.map(({ kind }) => kind) };
}

/** A run with something to say for every gate. */
const bad = aRunOf(
  [
    { durationMs: 12_000 },
    { durationMs: 6_000 },
    { durationMs: 16_000 },
    { durationMs: 20 },
    { outcome: 'failed' },
    { outcome: 'skipped' },
    { outcome: 'flaky' },
  ],
  { wallMs: 130_000, coverage: aCoverage({ 'src/a.ts': [1, 100] }) },
);
const policy = aPolicy({
  coverage: { perFile: { lines: 50 }, baseline: { branches: 50 } },
  knownSlow: [anEntry({ name: 'test 3', expires: '2026-06-20' }), anEntry({ name: 'test 4', expires: '2026-01-01' })],
});

test('a run that holds every line passes', () => {
  assert.deepEqual(verdict(aRun()), { outcome: 'pass', exitCode: 0, codes: [], unproven: [] });
});

test('all findings are reported, in the order of their codes', () => {
  assert.deepEqual(verdict(bad, policy), {
    outcome: 'fail',
    exitCode: 1,
    codes: [
      'coverage-floor',
      'coverage-baseline',
      'coverage-file',
      'suite-budget',
      'new-slow-test',
      'slow-target',
      'known-slow-over-ceiling',
      'known-slow-expired',
      'known-slow-expiring',
      'test-failed',
      'skip-without-reason',
      'flaky-test',
    ],
    unproven: [],
  });
});

test('each gate answers for its own codes; failed tests count whichever is asked', () => {
  assert.deepEqual(verdict(bad, policy, { gates: [] }).codes, ['test-failed']);
  assert.deepEqual(verdict(bad, policy, { gates: ['suite'] }).codes, ['suite-budget', 'test-failed']);
  assert.deepEqual(verdict(bad, policy, { gates: ['tests'] }).codes, ['test-failed', 'skip-without-reason', 'flaky-test']);
  assert.deepEqual(verdict(bad, policy, { gates: ['coverage'] }).codes, [
    'coverage-floor',
    'coverage-baseline',
    'coverage-file',
    'test-failed',
  ]);
  assert.deepEqual(verdict(bad, policy, { gates: ['slow'] }).codes, [
    'new-slow-test',
    'slow-target',
    'known-slow-over-ceiling',
    'known-slow-expired',
    'known-slow-expiring',
    'test-failed',
  ]);
});

describe('outcome', () => {
  test('a warning passes as a warning, a note as a pass', () => {
    assert.deepEqual(verdict(aRun(undefined, { wallMs: 61_000 })), {
      outcome: 'warn',
      exitCode: 0,
      codes: ['suite-ideal'],
      unproven: [],
    });
    assert.equal(verdict(aRunOf([{ durationMs: 6_000 }])).outcome, 'pass');
  });

  test('missing evidence is exit 3 whatever else was found, and says so beside it', () => {
    const unproven = [{ kind: 'file-killed', file: 'test/b.test.ts', signal: 'SIGKILL' }] as const;
    assert.deepEqual(verdict({ ...bad, unproven }, policy, { gates: ['suite'] }), {
      outcome: 'error',
      exitCode: 3,
      codes: ['suite-budget', 'test-failed'],
      unproven: ['file-killed'],
    });
  });

  test('coverage is shown to be missing only where it is judged', () => {
    const run = aRun(undefined, { coverage: null });
    assert.deepEqual(verdict(run).unproven, ['no-coverage']);
    assert.deepEqual(verdict(run, aPolicy(), { gates: ['suite', 'slow', 'tests'] }).unproven, []);
  });

  test('a failed test and too little coverage of a lost process: no verdict, the failure is named', () => {
    const lost = [{ pid: 1, script: 'bin/x.js', file: null, why: 'no-coverage' }] as const;
    const run = aRunOf([{ outcome: 'failed' }], { lost, coverage: aCoverage({ 'src/a.ts': [1, 9] }) });
    assert.deepEqual(verdict(run), { outcome: 'error', exitCode: 3, codes: ['test-failed'], unproven: ['coverage-lost'] });
  });
});

describe('nothing ran', () => {
  test('no files, no tests, only skips or todos: no verdict', () => {
    const skipped = { outcome: 'skipped', skipReason: 'later' } as const;
    const todo = { outcome: 'todo', skipReason: 'later' } as const;
    for (const run of [aRun([]), aRun([aFileRun('test/a.test.ts', [])]), aRunOf([skipped, todo])]) {
      assert.deepEqual(verdict(run), { outcome: 'error', exitCode: 3, codes: [], unproven: ['no-tests'] });
    }
    assert.deepEqual(verdict(aRunOf([skipped, {}])).unproven, []);
  });

  test('a file without tests, which Node lets pass as one, is none', () => {
    assert.deepEqual(verdict(aRunOf([{ name: 'test/a.test.ts', line: 0 }])).unproven, ['no-tests']);
  });

  test('files that all failed as a whole are failures, not a lack of tests', () => {
    const run = aRunOf([{ name: 'test/a.test.ts', line: 0, outcome: 'failed' }]);
    assert.deepEqual(verdict(run), { outcome: 'fail', exitCode: 1, codes: ['test-failed'], unproven: [] });
  });

  test('what is already explained is not said twice', () => {
    const unproven = [{ kind: 'no-test-files', searched: 'test/**' }] as const;
    assert.deepEqual(verdict(aRun([], { unproven, coverage: null })).unproven, ['no-test-files']);
  });
});

test('the codes are ordered as the contract lists them, and sorting keeps the order within one code', () => {
  const mixed = [...FINDING_CODES.toReversed(), ...FINDING_CODES].map((code, index) => labelled(code, String(index)));
  const sorted = inOrder(mixed) as unknown as { code: string; label: string }[];
  assert.deepEqual(
    sorted.map(({ code }) => code),
    FINDING_CODES.flatMap((code) => [code, code]),
  );
  for (let index = 0; index < sorted.length; index += 2) {
    assert.ok(Number(sorted[index]?.label) < Number(sorted[index + 1]?.label));
  }
  assert.equal(FINDING_CODES[0], 'coverage-floor');
  assert.equal(FINDING_CODES.at(-1), 'coverage-partial');
});
