import { calibratedMs, isCalibratable } from '../insight/calibration.ts';
import type { Calibrated, FindingOf } from '../model/finding.ts';
import type { KnownSlow } from '../model/known-slow.ts';
import type { Clock } from '../model/machine.ts';
import type { Policy } from '../model/policy.ts';
import { fastestMs, isWholeFile, testKey, testsOf } from '../model/test-run.ts';
import type { Test, TestRun } from '../model/test-run.ts';
import { byPlace } from './order.ts';

/** A test that ran, its own time in its fastest attempt as it is judged, and both clocks where they may differ. */
export type TimedTest = { readonly test: Test; readonly durationMs: number; readonly calibrated?: Calibrated };

/** The tests whose time is judged, slowest first: all that ran. A skipped test has no time, and a whole file is not a test. */
export function timedTests(run: TestRun, clock: Clock = 'wall'): TimedTest[] {
  return testsOf(run)
    .filter((test) => test.outcome !== 'skipped' && !isWholeFile(test))
    .map((test) => timedTest(test, run, clock))
    .toSorted((a, b) => b.durationMs - a.durationMs || byPlace(a.test, b.test));
}

function timedTest(test: Test, run: TestRun, clock: Clock): TimedTest {
  const hereMs = fastestMs(test);
  // Only what was measured around an attempt says anything about it.
  if (!isCalibratable(run) || !isConfirmed(test)) return { test, durationMs: hereMs };
  const thereMs = calibratedMs(test, run.machine);
  const decides = clock === 'calibrated';
  return { test, durationMs: decides ? thereMs : hereMs, calibrated: { hereMs, thereMs, decides } };
}

/** Finds the tests beside the allowlist that are over the slow limit, or over the target and within the limit. */
export function judgeSlow(timed: readonly TimedTest[], policy: Policy): FindingOf<'new-slow-test' | 'slow-target'>[] {
  const { limitMs, targetMs } = policy.slow;
  const known = knownKeys(policy.knownSlow);
  const facts = { knownEntries: policy.knownSlow.entries.length, allowlist: policy.knownSlow.path };
  return timed.flatMap(({ test, ...time }): FindingOf<'new-slow-test' | 'slow-target'>[] => {
    const { durationMs } = time;
    if (durationMs <= Math.min(limitMs, targetMs) || known.has(testKey(test))) return [];
    const slow = { test, ...time, confirmed: isConfirmed(test) };
    if (!(durationMs <= limitMs)) return [{ code: 'new-slow-test', severity: 'error', ...slow, limitMs, ...facts }];
    if (!(durationMs <= targetMs)) return [{ code: 'slow-target', severity: 'note', ...slow, limitMs: targetMs }];
    return [];
  });
}

/** The tests the allowlist names, by `testKey`. */
function knownKeys(knownSlow: KnownSlow): Set<string> {
  return new Set(knownSlow.entries.map(testKey));
}

/** Whether a test was run again alone. */
export function isConfirmed(test: Test): boolean {
  return test.attempts.some((attempt) => attempt.alone);
}
