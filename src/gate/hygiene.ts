import type { Flake, Past } from '../model/checkpoint.ts';
import type { Finding, FindingOf, FlakyBefore } from '../model/finding.ts';
import type { Policy } from '../model/policy.ts';
import { testKey, testsOf } from '../model/test-run.ts';
import type { Test, TestRun } from '../model/test-run.ts';
import { byPlace } from './order.ts';
import { isConfirmed } from './slow.ts';

/** Finds the failed tests. One that fails only under coverage is a warning: it passes as its authors run it. */
export function judgeFailed(run: TestRun): FindingOf<'test-failed'>[] {
  return failedTests(run).map((test): FindingOf<'test-failed'> => {
    const severity = test.onlyUnderCoverage ? 'warning' : 'error';
    return { code: 'test-failed', severity, test, confirmed: isConfirmed(test) };
  });
}

/**
 * The tests that failed, in the suite's order of files and lines; those that fail only under coverage among them. A test that failed for
 * nothing but its subtests is left out: they are named.
 */
export function failedTests(run: TestRun): Test[] {
  const failed = testsOf(run).filter((test) => test.outcome === 'failed' || test.onlyUnderCoverage);
  const aroundFailed = new Set(failed.flatMap(keysAround));
  return failed.filter((test) => !(test.failure === null && aroundFailed.has(testKey(test)))).toSorted(byPlace);
}

/** Finds skips and todos without a reason, and flaky tests. */
export function judgeHygiene(run: TestRun, policy: Policy, { flakes = [] }: Pick<Past, 'flakes'> = {}): Finding[] {
  const tests = testsOf(run).toSorted(byPlace);
  const severity = policy.tests.flaky === 'fail' ? 'error' : 'warning';
  const flaky = tests
    .filter((test) => test.outcome === 'flaky')
    .map((test): Finding => ({ code: 'flaky-test', severity, test, before: beforeOf(test, flakes) }));
  return policy.tests.skipNeedsReason ? [...skipFindings(tests), ...flaky] : flaky;
}

/** How often and since when a test is known to be flaky; null for the first time. */
function beforeOf(test: Test, flakes: readonly Flake[]): FlakyBefore | null {
  const seen = flakes.filter((flake) => testKey(flake) === testKey(test)).map(({ at }) => at);
  // Texts of one form sort as their times do; a clock may have been set back between two.
  const [since] = seen.toSorted();
  return since === undefined ? null : { times: seen.length, since };
}

function skipFindings(tests: readonly Test[]): Finding[] {
  return tests.flatMap((test): Finding[] => {
    if ((test.outcome !== 'skipped' && test.outcome !== 'todo') || !isBlank(test.skipReason)) return [];
    const kind = test.outcome === 'todo' ? 'todo' : 'skip';
    return [{ code: 'skip-without-reason', severity: 'error', test, kind }];
  });
}

/** Nothing that shows: spaces, control characters and invisible marks are no reason. */
function isBlank(reason: string | null): boolean {
  return reason === null || !/[^\s\p{C}\p{Z}]/u.test(reason);
}

/** The keys of the tests around a test. */
function keysAround(test: Test): string[] {
  const titles = test.name.split(' > ');
  return titles.slice(1).map((_, index) => testKey({ file: test.file, name: titles.slice(0, index + 1).join(' > ') }));
}
