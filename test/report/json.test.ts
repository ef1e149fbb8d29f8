import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unprovenError } from '../../src/model/error.ts';
import { errorReportOf, jsonText, renderJson, renderJsonError } from '../../src/report/json.ts';
import { aCoverage, aFileRun, anAloneAttempt, anAttempt, anEntry, aPolicy, aRun } from '../support/builders.ts';
import { aVerdict, context, findings, unproven } from './samples.ts';

const run = aRun(
  [
    aFileRun('test/a.test.ts', [
      { name: '__proto__', durationMs: 12.34567, attempts: [anAttempt({ durationMs: 12.34567 }), anAloneAttempt({ durationMs: 11 })] },
      { name: 'skips', outcome: 'skipped', skipReason: 'needs a network' },
      { name: 'fails', outcome: 'failed' },
    ]),
    aFileRun('test/b.test.ts', [{ name: 'b', outcome: 'flaky' }], { origin: 'reused' }),
  ],
  { coverage: aCoverage({ 'src/a.ts': [1, 3], 'src/b.ts': { lines: [2, 2], branches: [0, 0], functions: [1, 2] } }), cpuMs: null },
);

test('the report has exactly the names of the contract', () => {
  const report = JSON.parse(renderJson(aVerdict([findings['new-slow-test']], [], run), context));
  assert.deepEqual(Object.keys(report), ['schemaVersion', 'outcome', 'exitCode', 'run', 'coverage', 'tests', 'findings', 'error']);
  assert.deepEqual(report.run, {
    runner: 'node:test',
    mode: 'full',
    wallMs: 1000,
    cpuMs: null,
    workers: 2,
    files: 2,
    reusedFiles: 1,
    tests: 4,
    passed: 1,
    failed: 1,
    skipped: 1,
    todo: 0,
    flaky: 1,
  });
  assert.deepEqual(Object.keys(report.coverage), ['lines', 'branches', 'functions', 'statements', 'files']);
  assert.deepEqual(report.coverage.lines, { covered: 3, total: 5, pct: 60 });
  assert.deepEqual(report.coverage.files[0], {
    file: 'src/a.ts',
    lines: { covered: 1, total: 3, pct: 33.33 },
    branches: { covered: 1, total: 3, pct: 33.33 },
    functions: { covered: 1, total: 3, pct: 33.33 },
    uncovered: [[2, 3]],
  });
  const names = ['code', 'severity', 'message', 'file', 'line', 'actual', 'limit', 'advice'];
  assert.deepEqual(Object.keys(report.findings[0]), [...names, 'cause', 'spent']);
  const other = JSON.parse(renderJson(aVerdict([findings['slow-target']], [], run), context));
  assert.deepEqual(Object.keys(other.findings[0]), names);
  assert.equal(report.findings[0].actual, 12_600);
  assert.equal(report.findings[0].limit, 10_000);
  assert.equal(report.findings[0].line, 31);
  assert.equal(report.outcome, 'fail');
  assert.equal(report.error, null);
});

test('a new slow test says why it is slow, or null where that is not known', () => {
  const { test: slow, ...finding } = findings['new-slow-test'];
  const { explanation, ...unexplained } = slow;
  assert.ok(explanation);
  const said = [
    { ...finding, test: slow },
    { ...finding, test: unexplained },
  ];
  const [known, unknown] = JSON.parse(renderJson(aVerdict(said, [], run), context)).findings;
  assert.deepEqual(known.cause, {
    kind: 'retry',
    bucket: 'timers',
    spentMs: 11_900,
    savesMs: 11_900,
    moreLines: 0,
    at: { file: 'src/sync/retry.ts', line: 52, what: 'setTimeout', count: 4, durationMs: 11_900 },
  });
  assert.deepEqual([known.spent.timers, known.spent.node, known.spent.network], [11_900, 800, 0]);
  assert.deepEqual([unknown.cause, unknown.spent], [null, null]);
});

test('a test carries all its attempts and whether the allowlist names it', () => {
  const knowing = { ...context, policy: aPolicy({ knownSlow: [anEntry({ file: 'test/a.test.ts', name: '__proto__' })] }) };
  const { tests } = JSON.parse(renderJson(aVerdict([], [], run), knowing));
  assert.deepEqual(tests[0], {
    file: 'test/a.test.ts',
    name: '__proto__',
    line: 3,
    outcome: 'passed',
    durationMs: 12.346,
    attemptsMs: [12.346, 11],
    known: true,
    skipReason: null,
  });
  assert.equal(tests[1].skipReason, 'needs a network');
  assert.ok(tests.slice(1).every((each: { known: boolean }) => !each.known));
});

test('exit 3 carries what was measured and every reason', () => {
  const verdict = aVerdict([findings['coverage-floor']], [unproven['file-killed'], unproven['no-coverage']], run);
  const report = JSON.parse(renderJson(verdict, context));
  assert.equal(report.outcome, 'error');
  assert.equal(report.exitCode, 3);
  assert.equal(report.run.tests, 4);
  assert.equal(report.findings.length, 1);
  assert.equal(report.error.message, 'The process of a test file was ended by SIGKILL: test/socket.test.ts.');
  assert.deepEqual(
    report.error.reasons.map((reason: { kind: string }) => reason.kind),
    ['file-killed', 'no-coverage'],
  );
});

test('an end before any run is a report as well', () => {
  assert.deepEqual(errorReportOf(unprovenError('nothing', 'do this')), {
    schemaVersion: 1,
    outcome: 'error',
    exitCode: 3,
    run: null,
    coverage: null,
    tests: [],
    findings: [],
    error: { message: 'nothing', advice: ['do this'], reasons: [] },
  });
  assert.equal(JSON.parse(renderJsonError(new TypeError('x is not y'))).exitCode, 70);
});

test('times that are not numbers are null, and the text stays JSON', () => {
  const odd = aRun([aFileRun('a', [{ durationMs: Number.NaN, subtestsMs: 0 }, { durationMs: Number.POSITIVE_INFINITY }])], {
    wallMs: Number.NaN,
  });
  const report = JSON.parse(renderJson(aVerdict([], [], odd), context));
  assert.equal(report.run.wallMs, null);
  assert.equal(report.tests[0].durationMs, null);
  assert.deepEqual(report.tests[1].attemptsMs, [null]);
});

test('escapes stand in the text, and strings come back exactly', () => {
  const names = ['\x1b[31m', '\x7f\x9b', '\ud800', '\u202e', '\u{e0041}', '\\##[error]', '##vso[x]', '👩‍👩‍👧'];
  const text = jsonText(names);
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(text, /[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]|##\[|##vso/);
  assert.deepEqual(JSON.parse(text), names);
  assert.ok(text.endsWith(']\n'));
});

test('ten thousand tests are reported in one document', () => {
  const many = aRun([
    aFileRun(
      'test/a.test.ts',
      Array.from({ length: 10_000 }, () => ({})),
    ),
  ]);
  assert.equal(JSON.parse(renderJson(aVerdict([], [], many), context)).tests.length, 10_000);
});
