import type { FindingOf } from '../../model/finding.ts';
import type { KnownSlowEntry } from '../../model/known-slow.ts';
import type { Test } from '../../model/test-run.ts';
import type { Context } from '../context.ts';
import { fit, labelled, table } from '../tables.ts';
import { clean, plural, seconds, secondsUp, shellWord, timeAndLimit, timeBeside, wholeSeconds } from '../units.ts';
import { attemptsText } from './attempts.ts';
import { causeAdvice, mostlyText } from './cause.ts';
import { machineLines, whichClock } from './machine.ts';
import { firstRows, limitLine, locationOf, placeOf, words, type Words } from './words.ts';

const FASTER = 'Make the test faster: pass its delays in as parameters or use t.mock.timers, give it less to do, or split it.';

/** The suite over its budget, or over its ideal but within the budget. */
export function suiteTime(finding: FindingOf<'suite-budget' | 'suite-ideal'>, context: Context): Words {
  const { wallMs, bareWallMs, limitMs, slowestFiles, projected, calibrated } = finding;
  const isBudget = finding.code === 'suite-budget';
  const hereMs = bareWallMs === null ? wallMs : Math.min(wallMs, bareWallMs);
  const judgedMs = calibrated?.decides === true ? calibrated.thereMs : hereMs;
  const took = timeBeside(wallMs, limitMs);
  const here = bareWallMs === null ? took : `${took} under coverage, ${timeBeside(bareWallMs, limitMs)} without`;
  const figures = calibrated?.decides === true ? `${here}, about ${timeBeside(judgedMs, limitMs)}${whichClock(calibrated)}` : here;
  const { rows, more } = firstRows(slowestFiles);
  const files = table(
    [{ header: 'slowest files' }, { header: 'time', align: 'right' }, { header: 'tests', align: 'right' }],
    rows.map((file) => [fit(clean(file.file), 60, 'end'), seconds(file.durationMs), String(file.tests)]),
  );
  return words({
    headline: `The suite ${projected ? 'would take about' : 'took'} ${figures}; the ${isBudget ? 'budget' : 'ideal'} is ${wholeSeconds(limitMs)}.`,
    distance: [suiteDistance(finding, judgedMs, context), ...(projected ? [] : machineLines(context, calibrated))],
    evidence: rows.length > 0 ? [...files, ...more] : [],
    advice: suiteAdvice(finding, context),
    limit: limitLine(context, isBudget ? 'suite.budget' : 'suite.ideal'),
    actual: judgedMs,
    allowed: limitMs,
  });
}

function suiteDistance(finding: FindingOf<'suite-budget' | 'suite-ideal'>, judgedMs: number, context: Context): string {
  const what = `${plural(finding.tests, 'test')} on ${plural(finding.workers, 'worker')}`;
  if (finding.projected && finding.code === 'suite-budget')
    return `Projected from the last full run and what ran since; only a full run can tell. ${what}.`;
  if (finding.code === 'suite-budget') return `Save ${secondsUp(judgedMs - finding.limitMs)} to pass; ${what}.`;
  const left = Math.floor((context.policy.suite.budgetMs - judgedMs) / 100) / 10;
  return `Save ${secondsUp(judgedMs - finding.limitMs)} to reach it; ${left.toFixed(1)} s are left to the budget; ${what}.`;
}

function suiteAdvice(finding: FindingOf<'suite-budget' | 'suite-ideal'>, context: Context): string[] {
  const { slowestFiles, workers, limitMs } = finding;
  const advice: string[] = finding.projected ? ['pushgate check --full   runs every test file and measures it'] : [];
  const first = slowestFiles[0];
  if (first && workers > 1 && first.durationMs > limitMs) {
    advice.push(
      `Split ${clean(first.file)}: it alone took ${seconds(first.durationMs)}, more than the suite may, however many workers there are.`,
    );
  }
  if (context.cores !== null && workers < context.cores && slowestFiles.length > workers) {
    advice.push(`--test-concurrency=${context.cores} in the test script would use all ${plural(context.cores, 'processor')}.`);
  }
  advice.push('pushgate audit   shows the slowest files and tests without coverage, and what the known-slow ones cost');
  return advice;
}

/** A test over the slow limit that the allowlist does not name. */
export function newSlowTest(finding: FindingOf<'new-slow-test'>, context: Context): Words {
  const { test, durationMs, limitMs, confirmed, knownEntries, calibrated } = finding;
  const [time, limit] = timeAndLimit(durationMs, limitMs);
  const allowlist = clean(finding.allowlist);
  return words({
    headline: `A new slow test: ${time}${whichClock(calibrated)}; the limit is ${limit}.`,
    distance: [locationOf(test), ...unconfirmed(confirmed, context), ...machineLines(context, calibrated)],
    evidence: labelled([
      ['attempts', attemptsText(test.attempts)],
      ...mostlyRow(test),
      ['known', knownEntries > 0 ? `${plural(knownEntries, 'entry', 'entries')} in ${allowlist}, not this test` : `none in ${allowlist}`],
    ]),
    advice: [...fasterAdvice(test), `If it has to be slow:  ${allowCommand(test)}`],
    limit: limitLine(context, 'slow.limit'),
    file: test.file,
    line: lineOf(test),
    actual: durationMs,
    allowed: limitMs,
  });
}

/** `mostly`, where that has been found out. */
function mostlyRow({ explanation }: Test): [string, string][] {
  return explanation === undefined ? [] : [['mostly', mostlyText(explanation)]];
}

/** What would make the test faster: for its cause, or else in general. */
function fasterAdvice(test: Test): string[] {
  const { explanation } = test;
  const advice = explanation === undefined ? [] : causeAdvice(explanation);
  return advice.length > 0 ? advice : [FASTER, explainCommand(test)];
}

/** Many tests over the slow limit, the slowest on top. */
export function newSlowTests(findings: readonly FindingOf<'new-slow-test'>[], context: Context): Words {
  const sorted = findings.toSorted((a, b) => b.durationMs - a.durationMs);
  const { rows, more } = firstRows(sorted);
  const slowest = sorted[0];
  const [time, limit] = timeAndLimit(slowest?.durationMs ?? 0, slowest?.limitMs ?? 0);
  return words({
    headline: `${plural(findings.length, 'new slow test')}, the slowest ${time}${whichClock(slowest?.calibrated)}; the limit is ${limit}.`,
    distance: [
      ...unconfirmed(
        sorted.every((finding) => finding.confirmed),
        context,
      ),
      ...machineLines(context, slowest?.calibrated),
    ],
    evidence: [...slowRows(rows), ...more],
    advice: [
      'Look first for what they share: a slow set-up, a real delay, a machine that was busy.',
      ...(slowest ? [`If one has to be slow:  ${allowCommand(slowest.test)}`] : []),
    ],
    limit: limitLine(context, 'slow.limit'),
    actual: slowest?.durationMs ?? null,
    allowed: slowest?.limitMs ?? null,
  });
}

/** A test between the target and the limit. */
export function slowTarget(finding: FindingOf<'slow-target'>, context: Context): Words {
  const { test, durationMs, limitMs } = finding;
  const [time, limit] = timeAndLimit(durationMs, limitMs);
  return words({
    headline: `A test is slower than the target: ${time}; the target is ${limit}.`,
    distance: [locationOf(test)],
    evidence: labelled([['attempts', attemptsText(test.attempts)]]),
    advice: fasterAdvice(test),
    limit: limitLine(context, 'slow.target'),
    file: test.file,
    line: lineOf(test),
    actual: durationMs,
    allowed: limitMs,
  });
}

/** Several tests between the target and the limit, the slowest on top. */
export function slowTargets(findings: readonly FindingOf<'slow-target'>[], context: Context): Words {
  const sorted = findings.toSorted((a, b) => b.durationMs - a.durationMs);
  const { rows, more } = firstRows(sorted);
  const slowest = sorted[0];
  const [time, limit] = timeAndLimit(slowest?.durationMs ?? 0, slowest?.limitMs ?? 0);
  return words({
    headline: `${plural(findings.length, 'test is', 'tests are')} slower than the target of ${limit}; the slowest took ${time}.`,
    evidence: [...slowRows(rows), ...more],
    advice: ['pushgate audit   shows the slowest tests without coverage'],
    limit: limitLine(context, 'slow.target'),
    actual: slowest?.durationMs ?? null,
    allowed: slowest?.limitMs ?? null,
  });
}

/** Rows of a table of slow tests: time and place. */
function slowRows(findings: readonly { readonly test: Test; readonly durationMs: number }[]): string[] {
  return table(
    [{ header: '', align: 'right' }, { header: '' }, { header: '' }],
    findings.map(({ test, durationMs }) => [seconds(durationMs), fit(placeOf(test), 60, 'end'), fit(clean(test.name), 60)]),
  );
}

/** A known-slow test over its own ceiling. */
export function overCeiling(finding: FindingOf<'known-slow-over-ceiling'>, context: Context): Words {
  const { test, durationMs, limitMs, confirmed, entry, calibrated } = finding;
  const [time, limit] = timeAndLimit(durationMs, limitMs);
  const at = `${clean(finding.allowlist)}:${entry.line}`;
  // The same head-room as `pushgate allow` gives.
  const raised = Math.ceil((durationMs * 1.25) / 1000);
  const advice = Number.isFinite(raised)
    ? [`If it has to take this long: raise "ceiling" to "${raised}s" at ${at}, and say why in "reason".`]
    : [];
  return words({
    headline: `A known-slow test is over its ceiling: ${time}${whichClock(calibrated)}; the ceiling is ${limit}.`,
    distance: [locationOf(test), ...unconfirmed(confirmed, context), ...machineLines(context, calibrated)],
    evidence: labelled([['attempts', attemptsText(test.attempts)], ...entryRows(entry)]),
    advice: [...fasterAdvice(test), ...advice],
    limit: `Limit: "ceiling" at ${at}.`,
    file: test.file,
    line: lineOf(test),
    actual: durationMs,
    allowed: limitMs,
  });
}

/** `reason` and `owner` of an entry, for labelled lines. */
export function entryRows(entry: KnownSlowEntry): [string, string][] {
  return [['reason', clean(entry.reason)], ...(entry.owner === null ? [] : [['owner', clean(entry.owner)] as [string, string]])];
}

function unconfirmed(confirmed: boolean, context: Context): string[] {
  if (confirmed) return [];
  const { slow } = context.unconfirmed;
  const why = slow > 0 ? `${slow} tests were suspect, more than the 10 that are run again alone` : 'it could not be run again alone';
  return [`Judged as measured in the suite: ${why}.`];
}

/** The exact command that explains a test. */
function explainCommand(test: Test): string {
  const target = shellWord(test.line > 0 ? placeOf(test) : clean(test.name));
  return `pushgate explain ${target.startsWith('-') ? '-- ' : ''}${target}   shows where its time goes`;
}

/** The exact command that adds a test to the allowlist; by name when its line is unknown. */
function allowCommand(test: Test): string {
  const target = shellWord(test.line > 0 ? placeOf(test) : clean(test.name));
  const options = '--reason "…" --expires YYYY-MM-DD';
  return target.startsWith('-') ? `pushgate allow ${options} -- ${target}` : `pushgate allow ${target} ${options}`;
}

function lineOf(test: Test): number | null {
  return test.line > 0 ? test.line : null;
}
