import type { Test } from '../model/test-run.ts';

/**
 * The tests of one file, those replaced that came out otherwise when they were tried again (null leaves one as it is). A parent that failed
 * through its subtests alone passes when such a one is below it and none there fails any more. One whose failure nothing below explains
 * stays failed: the suite fails with it.
 */
export function withTriedAgain(tests: readonly Test[], triedAgain: (test: Test) => Test | null): Test[] {
  const replaced = new Set<Test>();
  const all = tests.map((test) => {
    const other = triedAgain(test);
    if (other !== null) replaced.add(other);
    return other ?? test;
  });
  return all.map((test) => {
    if (test.outcome !== 'failed' || test.failure !== null || replaced.has(test)) return test;
    const below = all.filter((each) => each.name.startsWith(`${test.name} > `));
    const passes = below.some((each) => replaced.has(each)) && !below.some((each) => each.outcome === 'failed' && each.failure !== null);
    return passes ? { ...test, outcome: 'passed' } : test;
  });
}
