import type { FindingOf, FlakyBefore } from '../../model/finding.ts';
import { isWholeFile } from '../../model/test-run.ts';
import type { Context } from '../context.ts';
import { fit, table } from '../tables.ts';
import { clean, plural } from '../units.ts';
import { failureLine, failureLines } from './failure.ts';
import { attemptRows, outcomesText } from './attempts.ts';
import { firstRows, limitLine, locationOf, placeOf, runAlone, words, type Words } from './words.ts';

/** A failed test; one that fails only under coverage is said as what it is. */
export function testFailed(finding: FindingOf<'test-failed'>, context: Context): Words {
  const { test, confirmed } = finding;
  const place = { file: test.file, line: test.line > 0 ? test.line : null };
  const failure = failureLines(test.failure ?? '');
  if (test.onlyUnderCoverage) {
    return words({
      headline: 'A test fails only under coverage; it is judged by its run without, which passed.',
      distance: [locationOf(test)],
      evidence: [...attemptRows(test.attempts), ...apart(failure)],
      advice: [`NODE_V8_COVERAGE=$(mktemp -d) ${runAlone(test, context).replace(/ {3}runs .*$/, '')}   shows the failure`],
      ...place,
    });
  }
  const again = confirmed ? `It ${outcomesText(test.attempts)}.` : notTried(context);
  return words({
    headline: isWholeFile(test) ? 'A test file failed as a whole.' : 'A test failed.',
    distance: [locationOf(test), again],
    evidence: failure.length > 0 ? failure : ['The runner gave no message.'],
    advice: [runAlone(test, context)],
    ...place,
  });
}

function notTried({ unconfirmed: { failed } }: Context): string {
  return failed > 0 ? `Not run again: ${failed} tests failed, more than the 10 that are.` : 'It was not run again alone.';
}

/** Lines set apart from what stands above them. */
function apart(lines: readonly string[]): readonly string[] {
  return lines.length > 0 ? ['', ...lines] : [];
}

/** Many failed tests. */
export function testsFailed(findings: readonly FindingOf<'test-failed'>[], context: Context): Words {
  const { rows, more } = firstRows(findings);
  const lines = table(
    [{ header: '' }, { header: '' }],
    rows.map(({ test }) => [
      fit(isWholeFile(test) ? clean(test.file) : `${placeOf(test)}  ${clean(test.name)}`, 80),
      fit(failureLine(test.failure ?? ''), 60),
    ]),
  );
  const first = findings[0];
  const unconfirmed = findings.filter((finding) => !finding.confirmed).length;
  const tried = context.unconfirmed.failed > 0 ? notTried(context) : `${unconfirmed} of them could not be run again alone.`;
  return words({
    headline: `${plural(findings.length, 'test')} failed.`,
    distance: unconfirmed > 0 ? [tried] : [],
    evidence: [...lines, ...more],
    advice: first ? [runAlone(first.test, context), 'pushgate check --verbose   shows the test runner’s own output'] : [],
  });
}

/** A skip or todo that says nothing. */
export function skipWithoutReason(finding: FindingOf<'skip-without-reason'>, context: Context): Words {
  const { test, kind } = finding;
  return words({
    headline: `A test is ${kind === 'skip' ? 'skipped' : 'marked todo'} without a reason.`,
    distance: [locationOf(test)],
    advice: [`Say why at ${placeOf(test)}:  { ${kind}: 'why' }  or  t.${kind}('why'); or run the test.`],
    limit: limitLine(context, 'tests.skipNeedsReason'),
    file: test.file,
    line: test.line > 0 ? test.line : null,
  });
}

/** Several skips and todos that say nothing. */
export function skipsWithoutReason(findings: readonly FindingOf<'skip-without-reason'>[], context: Context): Words {
  const { rows, more } = firstRows(findings);
  const lines = table(
    [{ header: '' }, { header: '' }, { header: '' }],
    rows.map(({ test, kind }) => [kind, fit(placeOf(test), 60, 'end'), fit(clean(test.name), 60)]),
  );
  return words({
    headline: `${plural(findings.length, 'test is', 'tests are')} skipped or marked todo without a reason.`,
    evidence: [...lines, ...more],
    advice: ["Say why where it is skipped:  { skip: 'why' }  or  t.skip('why'); or run the test."],
    limit: limitLine(context, 'tests.skipNeedsReason'),
  });
}

/** A test that failed in the suite and passed alone. */
export function flakyTest(finding: FindingOf<'flaky-test'>, context: Context): Words {
  const { test, before } = finding;
  const failure = failureLines(test.failure ?? '', 3);
  return words({
    headline: `A test is flaky: it ${outcomesText(test.attempts)}.`,
    distance: [locationOf(test), ...(before === null ? [] : [seenText(before)])],
    evidence: [...attemptRows(test.attempts), ...apart(failure)],
    advice: [
      'Look for what it shares with other tests (files, ports, globals, order) and for what depends on time.',
      runAlone(test, context),
    ],
    limit: limitLine(context, 'tests.flaky'),
    file: test.file,
    line: test.line > 0 ? test.line : null,
  });
}

/** `Flaky 3 times since 2026-11-02, this time included.` */
function seenText({ times, since }: FlakyBefore): string {
  return `Flaky ${times + 1} times since ${clean(since.slice(0, 10))}, this time included.`;
}
