import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explained } from '../../src/insight/cause.ts';
import type { LookedAt } from '../../src/insight/spending.ts';
import type { Test, TestRun } from '../../src/model/test-run.ts';
import { renderAudit, type Audited } from '../../src/report/audit.ts';
import { renderAuditHtml } from '../../src/report/audit/html.ts';
import { renderAuditJson } from '../../src/report/audit/json.ts';
import { coloursFor } from '../../src/report/colours.ts';
import { aCoverage, aFileCoverage, aFileRun, anEntry, aPolicy, aRun, aTrace, aWait } from '../support/builders.ts';
import { isGolden } from '../support/golden.ts';
import { tagsOf } from '../support/html.ts';
import { anAudit, aVerdict, context, findings } from './samples.ts';

const plain = { colours: coloursFor(false), detail: 'normal' } as const;
const policy = aPolicy({
  knownSlow: [
    anEntry({ file: 'test/retry.test.ts', name: 'gives up', ceilingMs: 12_000 }),
    anEntry({ file: 'test/gone.test.ts', name: 'gone', ceilingMs: 20_000, line: 5 }),
  ],
});

type Odd = {
  readonly fails?: boolean;
  readonly peakMb?: number;
  readonly countsMs?: number;
  readonly uncovered?: readonly (readonly [number, number])[];
};

function oneRun(wallMs: number, slowMs: number, { fails, peakMb = 70, countsMs = 1_240, uncovered }: Odd = {}): TestRun {
  const coverage =
    uncovered === undefined ? null : { files: [...aCoverage({ 'src/a.ts': 1 }).files, aFileCoverage('src/b.ts', [90, 99], uncovered)] };
  return aRun(
    [
      aFileRun(
        'test/retry.test.ts',
        [
          { name: 'gives up', durationMs: slowMs },
          { name: 'tries again', durationMs: 40, outcome: fails === true ? 'failed' : 'passed' },
        ],
        {
          aroundMs: 400,
          durationMs: slowMs + 440,
          peakRssBytes: peakMb * 2 ** 20,
        },
      ),
      aFileRun('test/日本.test.ts', [{ name: 'counts', durationMs: countsMs }], {
        aroundMs: 2_000,
        durationMs: countsMs + 2_000,
        peakRssBytes: 50 * 2 ** 20,
      }),
    ],
    { wallMs, instrumented: coverage !== null, coverage },
  );
}

function lookedAt(test: Test | undefined, spent: Parameters<typeof aTrace>[0], change: Parameters<typeof aTrace>[1]): LookedAt {
  assert.ok(test);
  return { test, durationMs: test.durationMs, known: false, explanation: explained(aTrace(spent, change), null) };
}

const runs = [oneRun(70_000, 12_500), oneRun(71_500, 12_600), oneRun(70_400, 12_500)];
const [slow, quick] = [runs[2]?.files[0]?.tests[0], runs[2]?.files[1]?.tests[0]];
const looked = [
  lookedAt(
    slow,
    { timers: 11_900 },
    { wallMs: 12_400, waits: [aWait({ count: 4, durationMs: 11_900, delaysMs: [1_000, 2_000, 4_000, 4_900] })] },
  ),
  lookedAt(
    quick,
    { source: 700, loading: 200 },
    { wallMs: 1_000, functions: [{ name: 'countAll', place: { file: 'src/count.ts', line: 8 }, bucket: 'source', durationMs: 650 }] },
  ),
];
const audited: Audited = {
  ...anAudit(runs, policy, { looked }),
  spread: { medianMs: 70_400, p75Ms: 70_950, marginPct: 2.64 },
  trials: [
    { workers: 1, wallMs: 81_000, failed: 0 },
    { workers: 2, wallMs: 70_900, failed: 0 },
    { workers: 4, wallMs: 69_800, failed: 0 },
    { workers: 8, wallMs: 40_000, failed: 2 },
    { workers: 16, wallMs: null, failed: 0 },
  ],
};

const unsteady = [
  oneRun(70_000, 12_500, { uncovered: [[4, 8]] }),
  oneRun(71_500, 15_100, { fails: true, countsMs: 4_000, uncovered: [[1, 99]] }),
  oneRun(70_400, 12_600, {
    peakMb: 140,
    uncovered: [
      [4, 6],
      [90, 91],
    ],
  }),
];

test('the audit is its golden screen', () => isGolden('audit', renderAudit(audited, { ...context, policy }, plain)));

test('what is unsteady over the runs has its golden screen', () => {
  isGolden('audit-unsteady', renderAudit(anAudit(unsteady, policy), { ...context, policy }, plain));
});

test('one run with nothing looked at is its golden screen', () => {
  isGolden('audit-once', renderAudit(anAudit(runs.slice(0, 1), aPolicy(), { looked: [] }), context, plain));
});

test('failed tests follow the audit, and its last line says which end it is', () => {
  const screen = renderAudit({ ...audited, verdict: aVerdict([findings['test-failed']], [], runs[2]) }, context, plain);
  assert.match(screen, /Slowest files[^]*\[test-failed\][^]*\(exit 1\)\n$/);
});

test('coverage that was lost makes no line flicker', () => {
  const lost = unsteady.map((run) => ({ ...run, lost: [{ pid: 1, script: 'src/child.ts', file: null, why: 'no-coverage' as const }] }));
  const screen = renderAudit(anAudit(lost, policy), context, plain);
  assert.match(screen, /Which lines run each time cannot be told: coverage was lost, or tests failed\./);
  assert.doesNotMatch(screen, /Lines that ran/);
});

test('the JSON is the report with the audit beside it', () => {
  const report = JSON.parse(renderAuditJson(audited, { ...context, policy }));
  assert.equal(report.schemaVersion, 1);
  assert.equal(report.tests.length, 3);
  assert.equal(report.audit.suite.medianMs, 70_400);
  assert.equal(report.audit.suite.marginPct, 2.64);
  const { cause, spent, ...slowest } = report.audit.slowestTests[0];
  assert.deepEqual(slowest, { file: 'test/retry.test.ts', name: 'gives up', line: 3, durationMs: 12_500, known: true });
  assert.deepEqual([cause.kind, spent.timers], ['retry', 11_900]);
  assert.equal(report.audit.known[1].durationMs, null);
  assert.equal(report.audit.spending.mending[0].group, 'timers');
  assert.equal(report.audit.trials.length, 5);
  assert.deepEqual([report.audit.changing, report.audit.flicker], [[], null]);
});

test('the page holds what the screen does, and no tag of anyone else', () => {
  const evil = runs.map((run) => ({
    ...run,
    files: [...run.files, aFileRun('test/<img src=x>.test.ts', [{ name: '</td><script>"&\'', durationMs: 900 }])],
  }));
  const page = renderAuditHtml(
    { ...anAudit(evil, policy), verdict: aVerdict([findings['flaky-test']], [], runs[2]) },
    { ...context, policy },
  );
  assert.ok(tagsOf(page).every((tag) => !/script|img|link|iframe|\bon[a-z]+|href|src/.test(tag)));
  assert.ok(page.includes('&lt;/td&gt;&lt;script&gt;&quot;&amp;&#39;'));
  assert.ok(page.includes('test/&lt;img src=x&gt;.test.ts'));
  assert.doesNotMatch(page, /https?:|url\(|@import/);
  for (const title of [
    'The suite takes 70.4 s',
    'Where the time goes',
    'Slowest files',
    'Slowest tests',
    'Known-slow tests',
    'Over 3 runs',
    'A test is flaky',
  ])
    assert.ok(page.includes(title), title);
});

test('a file that takes far more around its tests than the others is named, with what says why', () => {
  const files = (aroundMs: number) =>
    [aroundMs, 300, 200].map((ms, index) => aFileRun(`test/${index}.test.ts`, [{ durationMs: 50 }], { aroundMs: ms, durationMs: ms + 50 }));
  const text = (aroundMs: number): string => renderAudit(anAudit([aRun(files(aroundMs))], policy), context, plain);
  assert.match(
    text(3_000),
    /test\/0\.test\.ts takes 3\.0 s around its tests, the others 0\.3 s on average\.\n {2}pushgate explain test\/0\.test\.ts {3}says/,
  );
  for (const ms of [700, 999]) assert.doesNotMatch(text(ms), /around its tests/);
});
