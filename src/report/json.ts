import { METRICS, pctOf, totalOf, type Count, type Coverage, type FileCoverage, type Metric } from '../model/coverage.ts';
import type { Finding, Verdict } from '../model/finding.ts';
import { testKey, testsOf, type Test, type TestRun } from '../model/test-run.ts';
import { inRun, type Context } from './context.ts';
import { errorWords } from './errors.ts';
import { wordsOf } from './messages.ts';
import { unprovenWords } from './messages/unproven.ts';
import { outcomesOf } from './summary.ts';

const SCHEMA_VERSION = 1;

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
    error: { message, advice, reasons: [] },
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

/**
 * JSON that is plain to any log: strings keep their exact content, but what a terminal or a CI service could act on stands as an escape
 * (`JSON.stringify` escapes only the C0 controls and lone surrogates).
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  const escaped = text.replace(/[\x7f-\x9f\u2028\u2029]|(?![\u200c\u200d])\p{Cf}/gu, escapeUnits).replace(/##(?=\[|vso\[)/gi, '\\u0023#');
  return `${escaped}\n`;
}

function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join('');
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
  };
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
  };
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

/** Numbers that JSON cannot write become null; times keep microseconds. */
export function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? Math.round(value * 1000) / 1000 : null;
}
