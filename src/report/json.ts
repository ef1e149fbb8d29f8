import { METRICS, pctOf, totalOf, type Count, type Coverage, type FileCoverage, type Metric } from '../model/coverage.ts';
import type { Finding, Verdict } from '../model/finding.ts';
import { testKey, testsOf, type Test, type TestRun } from '../model/test-run.ts';
import { inRun, type Context } from './context.ts';
import { explanationOf } from './explanation.ts';
import { finite, jsonText } from './json-text.ts';
import { errorWords } from './errors.ts';
import { wordsOf } from './messages.ts';
import { unprovenWords } from './messages/unproven.ts';
import { outcomesOf } from './summary.ts';

export { finite, jsonText } from './json-text.ts';

export const SCHEMA_VERSION = 1;

/** The JSON report of a verdict. On exit 3 it carries what was measured, and every reason under `error`. */
export function reportOf(verdict: Verdict, outer: Context): object {
  const { run } = verdict;
  const context = inRun(outer, run);
  const known = new Set(context.policy.knownSlow.entries.map(testKey));
  return {
    schemaVersion: SCHEMA_VERSION,
    outcome: verdict.outcome,
    exitCode: verdict.exitCode,
    run: runOf(run),
    coverage: run.coverage === null ? null : coverageOf(run.coverage),
    tests: testsOf(run).map((test) => testOf(test, known)),
    findings: verdict.findings.map((finding) => findingOf(finding, context)),
    error: unprovenOf(verdict, context),
  };
}

/** The JSON report of anything thrown before there was a verdict. */
export function errorReportOf(error: unknown): object {
  const { exitCode, message, advice } = errorWords(error);
  return {
    schemaVersion: SCHEMA_VERSION,
    outcome: 'error',
    exitCode,
    run: null,
    coverage: null,
    tests: [],
    findings: [],
    error: { message, advice, reasons: message.includes('\n') ? message.split('\n') : [] },
  };
}

/** A verdict as JSON text: one document and a line break. */
export function renderJson(verdict: Verdict, context: Context): string {
  return jsonText(reportOf(verdict, context));
}

/** Anything thrown as JSON text: one document and a line break. */
export function renderJsonError(error: unknown): string {
  return jsonText(errorReportOf(error));
}

function runOf(run: TestRun): object {
  return {
    runner: run.runner,
    mode: run.mode,
    wallMs: finite(run.wallMs),
    cpuMs: finite(run.cpuMs),
    workers: run.workers,
    files: run.files.length,
    reusedFiles: run.files.filter((file) => file.origin === 'reused').length,
    tests: testsOf(run).length,
    ...outcomesOf(run),
    ...machineOf(run),
  };
}

/** The machine, where a missed time limit asked for it: how much slower than the reference it was, null where there is none. */
function machineOf({ machine }: TestRun): object {
  if (machine === undefined) return {};
  const { cores, load, slower } = machine;
  return { machine: { cores, load: finite(load), slower: slower === null ? null : finite(slower.wall) } };
}

function counted(count: Count): object {
  return { covered: count.covered, total: count.total, pct: finite(pctOf(count)) };
}

function coverageOf(coverage: Coverage): object {
  const totals = METRICS.map((metric): [Metric, object] => [metric, counted(totalOf(coverage, metric))]);
  const { lines, branches, functions, statements } = Object.fromEntries(totals);
  return { lines, branches, functions, statements, files: coverage.files.map(fileOf) };
}

function fileOf(file: FileCoverage): object {
  return {
    file: file.file,
    lines: counted(file.lines),
    branches: counted(file.branches),
    functions: counted(file.functions),
    uncovered: file.uncovered,
  };
}

function testOf(test: Test, known: ReadonlySet<string>): object {
  return {
    file: test.file,
    name: test.name,
    line: test.line,
    outcome: test.outcome,
    durationMs: finite(test.durationMs),
    attemptsMs: test.attempts.map((attempt) => finite(attempt.durationMs)),
    known: known.has(testKey(test)),
    skipReason: test.skipReason,
  };
}

function findingOf(finding: Finding, context: Context): object {
  const { headline, file, line, actual, allowed, advice } = wordsOf(finding, context);
  return {
    code: finding.code,
    severity: finding.severity,
    message: headline,
    file,
    line,
    actual: finite(actual),
    limit: finite(allowed),
    advice,
    ...causeOf(finding),
    ...flakyOf(finding),
    ...clocksOf(finding),
  };
}

/** Where the time of a slow test goes, once that has been found out. */
function causeOf(finding: Finding): object {
  if (finding.code !== 'new-slow-test') return {};
  if (finding.test.explanation === undefined) return { cause: null, spent: null };
  const { cause, spent } = explanationOf(finding.test.explanation);
  return { cause, spent };
}

/** How often earlier runs found a test flaky, and since when. */
function flakyOf(finding: Finding): object {
  return finding.code === 'flaky-test' ? { before: finding.before } : {};
}

/** The time that was judged, here and on the reference, where the machine was slower. */
function clocksOf(finding: Finding): object {
  if (!('calibrated' in finding) || finding.calibrated === undefined) return {};
  const { hereMs, thereMs } = finding.calibrated;
  return { hereMs: finite(hereMs), referenceMs: finite(thereMs) };
}

function unprovenOf(verdict: Verdict, context: Context): object | null {
  if (verdict.unproven.length === 0) return null;
  const all = verdict.unproven.map((unproven) => ({ kind: unproven.kind, words: unprovenWords(unproven, context) }));
  return {
    message: all[0]?.words.headline ?? '',
    advice: all[0]?.words.advice ?? [],
    reasons: all.map(({ kind, words }) => ({ kind, message: words.headline, file: words.file, advice: words.advice })),
  };
}
