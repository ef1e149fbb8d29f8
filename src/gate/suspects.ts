import type { Policy } from '../model/policy.ts';
import { fastestMs, testKey } from '../model/test-run.ts';
import type { Test, TestRun } from '../model/test-run.ts';
import { failedTests } from './hygiene.ts';
import { timedTests } from './slow.ts';

/** Tests whose verdict rests on the suite's own attempt and would fail: on time (slowest first), or as they failed (in file order). */
export type Suspects = { readonly slow: readonly Test[]; readonly failed: readonly Test[] };

/** So many tests of a kind are run again at most: when more are slow or fail, it is the machine or the change, not the single test. */
export const MAX_SUSPECTS = 10;

/** Whether there are too many suspects of one kind to run them again. */
export function tooMany(suspects: readonly Test[]): boolean {
  return suspects.length > MAX_SUSPECTS;
}

/** The tests to run again before they are judged: newly slow or over their ceiling, and failed, with one attempt so far. */
export function suspectsOf(run: TestRun, policy: Policy): Suspects {
  const isOver = overItsLimit(policy);
  const slow = timedTests(run)
    .map(({ test }) => test)
    .filter(isOver);
  const failed = failedTests(run).filter((test) => test.outcome === 'failed');
  return { slow: slow.filter(ranOnce), failed: failed.filter(ranOnce) };
}

/** Tells whether a test took longer in its fastest attempt than its ceiling, or than the limit where it is not accepted. */
export function overItsLimit(policy: Policy): (test: Test) => boolean {
  const ceilings = ceilingsOf(policy);
  return (test) => !(fastestMs(test) <= (ceilings.get(testKey(test)) ?? policy.slow.limitMs));
}

function ranOnce(test: Test): boolean {
  return test.attempts.length <= 1;
}

/** Ceilings by `testKey`; of several entries for one test the lowest counts. */
function ceilingsOf(policy: Policy): Map<string, number> {
  const ceilings = new Map<string, number>();
  for (const entry of policy.knownSlow.entries) {
    const key = testKey(entry);
    ceilings.set(key, Math.min(entry.ceilingMs, ceilings.get(key) ?? Infinity));
  }
  return ceilings;
}
