import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { auditOf } from '../../src/insight/audit.ts';
import type { TestRun } from '../../src/model/test-run.ts';
import { renderAudit, renderAuditJson, type Audited } from '../../src/report/audit.ts';
import { coloursFor } from '../../src/report/colours.ts';
import { aFileRun, anEntry, aPolicy, aRun } from '../support/builders.ts';
import { aVerdict, context, findings } from './samples.ts';

const SCREEN = fileURLToPath(new URL('./golden/audit.txt', import.meta.url));
const plain = { colours: coloursFor(false), detail: 'normal' } as const;
const policy = aPolicy({
  knownSlow: [
    anEntry({ file: 'test/retry.test.ts', name: 'gives up', ceilingMs: 12_000 }),
    anEntry({ file: 'test/gone.test.ts', name: 'gone', ceilingMs: 20_000, line: 5 }),
  ],
});

function bareRun(wallMs: number, slowMs: number): TestRun {
  return aRun(
    [
      aFileRun('test/retry.test.ts', [
        { name: 'gives up', durationMs: slowMs },
        { name: 'tries again', durationMs: 40 },
      ]),
      aFileRun('test/日本.test.ts', [{ name: 'counts', durationMs: 1_240 }]),
    ],
    { wallMs, instrumented: false, coverage: null },
  );
}

const runs = [bareRun(70_000, 12_500), bareRun(71_500, 12_600), bareRun(70_400, 12_400)];
const audited: Audited = {
  audit: auditOf(runs, policy, 10),
  spread: { medianMs: 70_400, p75Ms: 70_950, marginPct: 2.64 },
  verdict: aVerdict([], [], runs[2]),
};

test('the audit is its golden screen', () => {
  const screen = renderAudit(audited, { ...context, policy }, plain);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(SCREEN, screen);
  assert.equal(screen, readFileSync(SCREEN, 'utf8'));
});

test('failed tests follow the audit, and its last line says which end it is', () => {
  const screen = renderAudit({ ...audited, spread: null, verdict: aVerdict([findings['test-failed']], [], runs[2]) }, context, plain);
  assert.match(screen, /Slowest files[^]*\[test-failed\][^]*\(exit 1\)\n$/);
});

test('the JSON is the report with the audit beside it', () => {
  const report = JSON.parse(renderAuditJson(audited, { ...context, policy }));
  assert.equal(report.schemaVersion, 1);
  assert.equal(report.tests.length, 3);
  assert.equal(report.audit.suite.medianMs, 70_400);
  assert.equal(report.audit.suite.marginPct, 2.64);
  assert.deepEqual(report.audit.slowestTests[0], {
    file: 'test/retry.test.ts',
    name: 'gives up',
    line: 3,
    durationMs: 12_500,
    known: true,
  });
  assert.equal(report.audit.known[1].durationMs, null);
});
