import { auditOf, timedOf } from '../../src/insight/audit.ts';
import { explained } from '../../src/insight/cause.ts';
import { spendingOf, type LookedAt } from '../../src/insight/spending.ts';
import { steadinessOf, withFlakes } from '../../src/insight/steadiness.ts';
import type { Finding, FindingCode, FindingOf, Verdict } from '../../src/model/finding.ts';
import type { Policy } from '../../src/model/policy.ts';
import type { Test, TestRun, Unproven } from '../../src/model/test-run.ts';
import type { Audited } from '../../src/report/audit.ts';
import { contextOf, type Context } from '../../src/report/context.ts';
import {
  aCount,
  aCoverage,
  aFileRun,
  anAloneAttempt,
  anAttempt,
  anEntry,
  aPolicy,
  aRun,
  aTest,
  aTrace,
  aWait,
} from '../support/builders.ts';

/** One finding of every code and one piece of missing evidence of every kind, as real as they can be made without a run. */

const DEFAULTS = new Set(['tests.skipNeedsReason', 'tests.flaky', 'run.timeout', 'run.files']);

export const context: Context = contextOf({
  policy: aPolicy({ coverage: { floor: { lines: 64 }, target: { lines: 80 } } }),
  whereIs: (key) => (DEFAULTS.has(key) ? `${key}, a default; set it in pushgate.jsonc` : `${key} in pushgate.jsonc`),
});

export const slowTest: Test = aTest({
  file: 'test/sync/retry.test.ts',
  name: 'retry > gives up after five attempts',
  line: 31,
  durationMs: 12_900,
  attempts: [anAttempt({ durationMs: 12_900 }), anAloneAttempt({ durationMs: 12_800 }), anAloneAttempt({ durationMs: 12_600 })],
});

const failed: Test = aTest({
  file: 'test/cart.test.ts',
  name: 'totals a cart (with tax)',
  line: 12,
  outcome: 'failed',
  durationMs: 14,
  failure:
    'Expected values to be strictly equal:\n\n107 !== 108\n\n    at TestContext.<anonymous> (test/cart.test.ts:15:10)\n    at Test.run (node:internal/test_runner/test:796:25)\n    at async node:internal/main:7:1',
  attempts: [
    anAttempt({ outcome: 'failed', durationMs: 14 }),
    anAloneAttempt({ outcome: 'failed', durationMs: 11 }),
    anAloneAttempt({ outcome: 'failed', durationMs: 12, instrumented: true }),
  ],
});

const gaps = [
  {
    file: 'src/billing/invoice.ts',
    count: aCount(40, 128),
    short: 63,
    uncovered: [
      [40, 96],
      [98, 128],
    ],
  },
  { file: 'src/api/server.ts', count: aCount(207, 324), short: 53, uncovered: [[206, 321]] },
] as const;

const entry = anEntry({
  file: slowTest.file,
  name: slowTest.name,
  reason: '15 calls × 3 retries × 1 s',
  ceilingMs: 11_000,
  owner: '@auth',
  expires: '2027-03-31',
  line: 7,
});

const suite = {
  wallMs: 131_000,
  bareWallMs: 124_180,
  limitMs: 120_000,
  workers: 3,
  tests: 412,
  slowestFiles: [
    { file: 'test/sync/retry.test.ts', durationMs: 42_100, tests: 12 },
    { file: 'test/api.test.ts', durationMs: 9_000, tests: 104 },
  ],
} as const;

const total = { metric: 'lines', count: aCount(468, 793), limitPct: 64, goalPct: 80, gaps } as const;
const before = { count: aCount(511, 793), commit: '3f2c1abd0c0ffee0c0ffee0c0ffee0c0ffee0c0f' } as const;
const lost = [{ pid: 4242, script: 'bin/cli.js', file: 'test/cli.test.ts', why: 'no-coverage' }] as const;
const slow = { test: slowTest, durationMs: 12_600, limitMs: 10_000, confirmed: true } as const;
const allowlist = 'known-slow.jsonc';

/** Four retries, the waits between them ever longer. */
const slowFor = explained(
  aTrace({ timers: 11_900 }, { wallMs: 12_700, waits: [aWait({ count: 4, durationMs: 11_900, delaysMs: [800, 1_600, 3_200, 6_300] })] }),
  null,
);

export const findings: { readonly [Code in FindingCode]: FindingOf<Code> } = {
  'coverage-floor': { code: 'coverage-floor', severity: 'error', ...total, before },
  'coverage-baseline': { code: 'coverage-baseline', severity: 'warning', ...total, count: aCount(511, 793), limitPct: 65, before: null },
  'coverage-file': { code: 'coverage-file', severity: 'error', metric: 'lines', gap: gaps[0], limitPct: 50, glob: null },
  'coverage-drop': {
    code: 'coverage-drop',
    severity: 'error',
    metric: 'lines',
    count: aCount(468, 793),
    before,
    maxDrop: 0.5,
    gaps,
    flickering: 0,
  },
  'coverage-changed': {
    code: 'coverage-changed',
    severity: 'error',
    metric: 'lines',
    count: aCount(8, 20),
    limitPct: 80,
    base: 'origin/main',
    gaps: [{ file: 'src/api/server.ts', count: aCount(8, 20), short: 8, uncovered: [[206, 217]] }],
  },
  'coverage-partial': { code: 'coverage-partial', severity: 'note', processes: lost },
  'suite-budget': { code: 'suite-budget', severity: 'error', ...suite, projected: false },
  'suite-ideal': {
    code: 'suite-ideal',
    severity: 'warning',
    ...suite,
    projected: false,
    wallMs: 71_230,
    bareWallMs: null,
    limitMs: 60_000,
  },
  'new-slow-test': {
    code: 'new-slow-test',
    severity: 'error',
    ...slow,
    test: { ...slowTest, explanation: slowFor },
    knownEntries: 4,
    allowlist,
  },
  'slow-target': { code: 'slow-target', severity: 'note', ...slow, durationMs: 7_240, limitMs: 5_000 },
  'known-slow-over-ceiling': { code: 'known-slow-over-ceiling', severity: 'error', ...slow, limitMs: 11_000, entry, allowlist },
  'known-slow-expired': { code: 'known-slow-expired', severity: 'error', entry, test: slowTest, durationMs: 12_600, allowlist },
  'known-slow-expiring': {
    code: 'known-slow-expiring',
    severity: 'warning',
    entry,
    test: slowTest,
    durationMs: 2_600,
    daysLeft: 9,
    allowlist,
  },
  'known-slow-stale': {
    code: 'known-slow-stale',
    severity: 'warning',
    entry,
    test: null,
    durationMs: null,
    why: 'vanished',
    limitMs: 10_000,
    allowlist,
  },
  'test-failed': { code: 'test-failed', severity: 'error', test: failed, confirmed: true },
  'skip-without-reason': {
    code: 'skip-without-reason',
    severity: 'error',
    test: aTest({ file: 'test/cart.test.ts', name: 'rounds', line: 40, outcome: 'skipped' }),
    kind: 'skip',
  },
  'flaky-test': {
    code: 'flaky-test',
    severity: 'error',
    test: {
      ...failed,
      outcome: 'flaky',
      attempts: [
        anAttempt({ outcome: 'failed', durationMs: 14 }),
        anAloneAttempt({ durationMs: 11 }),
        anAloneAttempt({ instrumented: true }),
      ],
    },
    before: { times: 2, since: '2026-11-02T09:12:44.000Z' },
  },
  'policy-loosened': { code: 'policy-loosened', severity: 'error', setting: 'coverage.floor', before: '64', after: '50' },
};

export const unproven: { readonly [Kind in Unproven['kind']]: Extract<Unproven, { kind: Kind }> } = {
  'no-test-files': { kind: 'no-test-files', searched: 'test/**/*.test.{js,mjs,cjs}' },
  'no-tests': { kind: 'no-tests', files: 3 },
  'no-coverage': { kind: 'no-coverage' },
  'nothing-included': { kind: 'nothing-included', include: ['lib/**', 'source/**'] },
  'timed-out': {
    kind: 'timed-out',
    timeoutMs: 600_000,
    running: [{ file: 'test/socket.test.ts', name: 'closes when idle', elapsedMs: 588_400 }],
  },
  'file-killed': { kind: 'file-killed', file: 'test/socket.test.ts', signal: 'SIGKILL' },
  'file-missing': { kind: 'file-missing', file: 'test/socket.test.ts' },
  'runner-crashed': {
    kind: 'runner-crashed',
    command: 'node --test test/*.test.js',
    exitCode: 7,
    signal: null,
    output: 'node:internal/modules/run_main:107\n    triggerUncaughtException(\n\nError: Cannot find package tsx\n',
  },
  'setup-failed': {
    kind: 'setup-failed',
    command: 'npm run build',
    exitCode: 2,
    output: "src/a.ts(3,1): error TS2304: Cannot find name 'x'.\n",
  },
  'coverage-lost': { kind: 'coverage-lost', processes: lost, unknown: [] },
};

/** A run of 412 tests at 71.4 % of lines. */
export const goodRun = aRun(
  Array.from({ length: 4 }, (_, file) =>
    aFileRun(
      `test/${file}.test.ts`,
      Array.from({ length: 103 }, () => ({})),
    ),
  ),
  { wallMs: 96_260, coverage: aCoverage({ 'src/a.ts': [500, 600], 'src/b.ts': [92, 229] }) },
);

/** A verdict with the outcome its findings call for. */
export function aVerdict(said: readonly Finding[] = [], missing: readonly Unproven[] = [], run = goodRun): Verdict {
  const fails = said.some((finding) => finding.severity === 'error');
  const warns = said.some((finding) => finding.severity === 'warning');
  if (missing.length > 0) return { outcome: 'error', exitCode: 3, run: { ...run, unproven: missing }, findings: said, unproven: missing };
  return { outcome: fails ? 'fail' : warns ? 'warn' : 'pass', exitCode: fails ? 1 : 0, run, findings: said, unproven: [] };
}

/** An audit of some runs, with nothing looked at further. */
export function anAudit(
  runs: readonly TestRun[],
  policy: Policy,
  change: Partial<Audited> & { readonly looked?: readonly LookedAt[] } = {},
): Audited {
  return {
    audit: auditOf(runs, policy, 10),
    spread: null,
    spending: spendingOf(timedOf(runs, policy), change.looked ?? []),
    looked: null,
    steadiness: steadinessOf(runs),
    trials: [],
    verdict: aVerdict([], [], withFlakes(runs)),
    ...change,
  };
}
