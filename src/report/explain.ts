import { BUCKETS, type Explanation, type Trace, type Wait } from '../model/explanation.ts';
import { EXIT } from '../model/error.ts';
import type { Verdict } from '../model/finding.ts';
import type { Test } from '../model/test-run.ts';
import type { Context } from './context.ts';
import { explanationOf, traceOf } from './explanation.ts';
import { finite, jsonText } from './json-text.ts';
import { reportOf } from './json.ts';
import { bucketText, causeAdvice, causeText, mostlyText, placeText, timesText } from './messages/cause.ts';
import { firstRows, locationOf, MOST_ROWS, placeOf } from './messages/words.ts';
import { fit, table } from './tables.ts';
import { renderVerdict, sink, type Screen } from './terminal.ts';
import { clean, plural, seconds, wholeSeconds } from './units.ts';

/** One test that was run to find out where its time goes. `suiteMs` is its time in the last run of the suite; null when unknown. */
export type ExplainedTest = { readonly test: Test; readonly suiteMs: number | null; readonly explanation: Explanation };

/** What `explain` shows: one test, or those of a file, the slowest first. */
export type Explained = {
  readonly file: string;
  /** The one test that was asked for; null when the whole file was. */
  readonly only: Test | null;
  readonly tests: readonly ExplainedTest[];
  /** What came before the first test of the file and after its last; null when unknown. */
  readonly load: Trace | null;
  readonly after: Trace | null;
  readonly verdict: Verdict;
};

/** Shares under this are not shown, and neither are surroundings of a file that took less, in ms. */
const LEAST_SHARE = 0.01;
const LEAST_AROUND_MS = 500;

/** Where the time of a test goes, or that of the tests of a file, as the lines of a terminal. */
export function renderExplained(explained: Explained, context: Context, screen: Screen): string {
  const { tests, only, verdict } = explained;
  const [slowest] = tests;
  const parts = [
    ...(only === null && tests.length > 1 ? [fileBlock(explained, context, screen)] : []),
    ...(slowest === undefined ? [] : testBlocks(slowest, context, screen)),
    ...aroundLines(explained),
  ];
  const failed = verdict.exitCode === EXIT.passed ? '' : `\n${renderVerdict(verdict, { ...context, preface: [] }, screen)}`;
  return `${sink(parts.join('\n\n'))}${failed}`;
}

/** The same as JSON text: the report of the run, with what was found out beside it. */
export function renderExplainedJson({ file, tests, load, after, verdict }: Explained, context: Context): string {
  return jsonText({
    ...reportOf(verdict, context),
    explained: {
      file,
      tests: tests.map(({ test, suiteMs, explanation }) => ({
        file: test.file,
        name: test.name,
        line: test.line,
        outcome: test.outcome,
        wallMs: finite(explanation.wallMs),
        suiteMs: finite(suiteMs),
        ...explanationOf(explanation),
      })),
      load: load === null ? null : { wallMs: finite(load.wallMs), ...traceOf(load) },
      after: after === null ? null : { wallMs: finite(after.wallMs), ...traceOf(after) },
    },
  });
}

function fileBlock({ file, tests }: Explained, { policy }: Context, { colours }: Screen): string {
  const over = tests.filter(({ explanation }) => explanation.wallMs > policy.slow.targetMs);
  const areOver = over.length > 1;
  const { rows, more } = firstRows(areOver ? over : tests.slice(0, MOST_ROWS));
  const title = areOver
    ? `${plural(over.length, 'test')} of ${clean(file)} are over the target of ${wholeSeconds(policy.slow.targetMs)}`
    : `The slowest of ${plural(tests.length, 'test')} in ${clean(file)}`;
  const lines = table(
    [{ header: 'time', align: 'right' }, { header: 'test' }, { header: '' }, { header: 'mostly' }],
    rows.map(({ test, explanation }) => [
      seconds(explanation.wallMs),
      fit(placeOf(test), 40, 'end'),
      fit(clean(test.name), 50),
      mostlyText(explanation),
    ]),
  );
  return [colours.bold(title), ...[...lines, ...more].map((line) => `  ${line}`)].join('\n');
}

function testBlocks({ test, suiteMs, explanation }: ExplainedTest, { policy }: Context, { colours }: Screen): string[] {
  const { wallMs, cause } = explanation;
  const inSuite = suiteMs === null ? '' : `, ${seconds(suiteMs)} in the last run`;
  const head = [
    colours.bold(locationOf(test)),
    `  ${seconds(wallMs)} alone${inSuite}; the limit is ${wholeSeconds(policy.slow.limitMs)}.`,
    ...(test.outcome === 'failed' ? ['  It failed this time, which may have ended it early.'] : []),
  ];
  // Of what is fast there is nothing to mend.
  const isFast = wallMs < LEAST_ADVISED_MS && cause.kind !== 'contention';
  const ending = isFast ? 'It is fast: there is little to save.' : causeText(explanation);
  const advice = isFast ? [] : causeAdvice(explanation);
  return [
    head.join('\n'),
    indented(spentRows(explanation)),
    ...section(waitRows(explanation)),
    ...section(functionRows(explanation)),
    [ending, ...advice.map((line) => `  ${colours.cyan('→')} ${line}`)].join('\n'),
  ];
}

const LEAST_ADVISED_MS = 200;

const indented = (lines: readonly string[]): string => lines.map((line) => `  ${line}`.trimEnd()).join('\n');
const section = (lines: readonly string[]): string[] => (lines.length > 0 ? [indented(lines)] : []);
const share = (ms: number, wallMs: number): string => `${((ms * 100) / wallMs).toFixed(0)} %`;

function spentRows({ spent, wallMs }: Trace): string[] {
  const shown = BUCKETS.filter((bucket) => spent[bucket] >= wallMs * LEAST_SHARE && spent[bucket] > 0).toSorted(
    (a, b) => spent[b] - spent[a],
  );
  return table(
    [{ header: 'where the time goes' }, { header: 'time', align: 'right' }, { header: 'share', align: 'right' }],
    shown.map((bucket) => [bucketText(bucket), seconds(spent[bucket]), share(spent[bucket], wallMs)]),
  );
}

/** Turns of the event loop are everywhere: they are told where they count. */
const leastOf = (wait: Wait): number => LEAST_SHARE * (wait.bucket === 'node' ? 10 : 1);

function waitRows({ waits, wallMs }: Trace): string[] {
  const { rows, more } = firstRows(waits.filter((wait) => wait.durationMs >= Math.max(1, wallMs * leastOf(wait))));
  if (rows.length === 0) return [];
  const lines = table(
    [{ header: 'waited for' }, { header: 'time', align: 'right' }, { header: 'made at' }],
    rows.map((wait) => [
      timesText(wait),
      seconds(wait.durationMs),
      `${wait.place === null ? 'no line of the project' : placeText(wait.place)}${wait.inHook ? '  (in a hook)' : ''}`,
    ]),
  );
  return [...lines, ...more];
}

function functionRows({ functions, wallMs }: Trace): string[] {
  const { rows, more } = firstRows(functions.filter((hot) => hot.durationMs >= wallMs * LEAST_SHARE * 2));
  if (rows.length === 0) return [];
  const lines = table(
    [{ header: 'functions' }, { header: 'time', align: 'right' }, { header: 'at' }, { header: '' }],
    rows.map((hot) => [
      fit(clean(hot.name), 40),
      seconds(hot.durationMs),
      placeText(hot.place),
      hot.bucket === 'source' ? '' : bucketText(hot.bucket),
    ]),
  );
  return [...lines, ...more];
}

/** A file may be slow where no test is: while it loads, or because something keeps its process open. */
function aroundLines({ file, load, after }: Explained): string[] {
  const told = (what: string, trace: Trace | null): string[] => {
    if (trace === null || trace.wallMs < LEAST_AROUND_MS) return [];
    const [most] = BUCKETS.toSorted((a, b) => trace.spent[b] - trace.spent[a]);
    const wait = trace.waits.find((each) => each.bucket === most && each.place !== null);
    const at = wait?.place == null ? '' : `  ${placeText(wait.place)}`;
    return most === undefined ? [] : [`${what} ${seconds(trace.wallMs)}, mostly ${bucketText(most)} ${seconds(trace.spent[most])}${at}`];
  };
  const lines = [
    ...told(`Before its first test ${placeOf({ file, line: 0 })} took`, load),
    ...told('After the last test its process stayed', after),
  ];
  return lines.length > 0 ? [lines.join('\n')] : [];
}
