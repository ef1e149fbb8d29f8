import type { Audit, AuditedEntry, AuditedTest, TimeGap } from '../insight/audit.ts';
import type { Verdict } from '../model/finding.ts';
import type { Context } from './context.ts';
import { finite, jsonText, reportOf } from './json.ts';
import { placeOf } from './messages/words.ts';
import { fit, table } from './tables.ts';
import { renderVerdict, sink, type Screen } from './terminal.ts';
import { clean, plural, seconds, secondsUp, wholeSeconds } from './units.ts';

/** An audit as it is shown: where the time goes, the spread over repeated runs (null for one), and what came of the tests. */
export type Audited = {
  readonly audit: Audit;
  /** Times in ms; `marginPct` is the relative margin of error at 95 % confidence. */
  readonly spread: { readonly medianMs: number; readonly p75Ms: number; readonly marginPct: number } | null;
  readonly verdict: Verdict;
};

/** An audit as the lines of a terminal; failed tests follow it in the words of a verdict. */
export function renderAudit(audited: Audited, context: Context, screen: Screen): string {
  const { audit, verdict } = audited;
  const { bold } = screen.colours;
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length > 0 ? [[bold(title), ...lines.map((line) => `  ${line}`)].join('\n')] : [];
  const parts = [
    ...section(suiteTitle(audited), suiteLines(audited)),
    ...section('Slowest files', fileLines(audit)),
    ...section('Slowest tests', audit.slowestTests.length > 0 ? testLines(audit.slowestTests) : []),
    ...section(`Known-slow tests (${plural(audit.known.length, 'entry', 'entries')})`, [
      ...entryLines(audit.known),
      ...withoutLines(audit),
    ]),
  ];
  const failed = verdict.exitCode === 0 ? '' : `\n${renderVerdict(verdict, { ...context, preface: [] }, screen)}`;
  return `${sink(parts.join('\n\n'))}${failed}`;
}

/** An audit as JSON text: the report of its last run, with the audit beside it. */
export function renderAuditJson({ audit, spread, verdict }: Audited, context: Context): string {
  const { suite, known, slowestTests, ...rest } = audit;
  return jsonText({
    ...reportOf(verdict, context),
    audit: {
      ...rest,
      suite: { ...suite, marginPct: finite(spread?.marginPct ?? null) },
      slowestTests: slowestTests.map(({ test, durationMs, known: listed }) => ({
        file: test.file,
        name: test.name,
        line: test.line,
        durationMs: finite(durationMs),
        known: listed,
      })),
      known: known.map(({ entry, durationMs }) => ({
        file: entry.file,
        name: entry.name,
        line: entry.line,
        durationMs: finite(durationMs),
        ceilingMs: entry.ceilingMs,
      })),
    },
  });
}

function suiteTitle({ audit }: Audited): string {
  const runs = audit.repeats === 1 ? '' : `, the median of ${plural(audit.repeats, 'run')}`;
  return `The suite takes ${seconds(audit.suite.medianMs)} without coverage${runs}`;
}

function suiteLines({ audit, spread }: Audited): string[] {
  const { suite } = audit;
  const mean = audit.meanTestMs === null ? [] : [`${seconds(audit.meanTestMs)} a test on average`];
  const each = audit.meanTestsPerFile === null ? [] : [`${audit.meanTestsPerFile.toFixed(1)} tests a file`];
  const margin = spread === null ? [] : [`p75 ${seconds(spread.p75Ms)}, median within ${spread.marginPct.toFixed(1)} % at 95 % confidence`];
  return [
    ...table(
      [{ header: '' }, { header: '', align: 'right' }, { header: '', align: 'right' }, { header: '', align: 'right' }],
      [
        ['budget', ...gapCells(suite.budget)],
        ['ideal', ...gapCells(suite.ideal)],
      ],
    ),
    ...margin,
    [`${plural(audit.tests, 'test')} in ${plural(audit.files, 'file')} on ${plural(audit.workers, 'worker')}`, ...mean, ...each].join('; '),
  ];
}

/** `120 s   23.7 s left   19.7 %`; what is over is rounded up, what is left down. */
function gapCells(gap: TimeGap): string[] {
  const over = gap.gapMs > 0;
  const distance = over ? `${secondsUp(gap.gapMs)} over` : `${(Math.floor(-gap.gapMs / 100) / 10).toFixed(1)} s left`;
  return [wholeSeconds(gap.limitMs), distance, `${Math.abs(gap.gapPct).toFixed(1)} %`];
}

function fileLines(audit: Audit): string[] {
  if (audit.slowestFiles.length === 0) return [];
  return table(
    [{ header: 'time', align: 'right' }, { header: 'tests', align: 'right' }, { header: 'file' }],
    audit.slowestFiles.map((file) => [seconds(file.durationMs), String(file.tests), fit(clean(file.file), 80, 'end')]),
  );
}

function testLines(tests: readonly AuditedTest[]): string[] {
  return table(
    [{ header: 'time', align: 'right' }, { header: 'test' }, { header: '' }],
    tests.map(({ test, durationMs, known }) => [
      seconds(durationMs),
      fit(placeOf(test), 60, 'end'),
      `${fit(clean(test.name), 60)}${known ? '  (known slow)' : ''}`,
    ]),
  );
}

function entryLines(entries: readonly AuditedEntry[]): string[] {
  if (entries.length === 0) return [];
  return table(
    [{ header: 'measured', align: 'right' }, { header: 'ceiling', align: 'right' }, { header: 'test' }, { header: '' }],
    entries.map(({ entry, durationMs, ceilingGap }) => [
      durationMs === null ? 'did not run' : seconds(durationMs),
      wholeSeconds(entry.ceilingMs),
      `${fit(clean(entry.file), 50, 'end')}  ${fit(clean(entry.name), 60)}`,
      ceilingGap !== null && ceilingGap.gapMs > 0 ? `${secondsUp(ceilingGap.gapMs)} over` : '',
    ]),
  );
}

function withoutLines({ withoutKnown }: Audit): string[] {
  if (withoutKnown === null) return [];
  const { wallMs, savedMs, testMs } = withoutKnown;
  return [
    `Without them the suite would take about ${seconds(wallMs)}: an estimate, ${seconds(savedMs)} less for ${seconds(testMs)} of tests.`,
  ];
}
