import { fastestMs, isWholeFile, testKey } from '../model/test-run.ts';
import type { FileRun, Test, TestRun } from '../model/test-run.ts';

/** One test over several runs of the same suite: what it was in each, null where it is missing. The last seen stands for it. */
export type Sampled = { readonly test: Test; readonly seen: readonly (Test | null)[] };

/**
 * The tests of all runs, each with what it was in every one of them, in the order in which they appear first. Tests that share a file, a name
 * and a place are told apart by their order.
 */
export function sampledTests(runs: readonly TestRun[]): Sampled[] {
  const samples = new Map<string, (Test | null)[]>();
  for (const [index, run] of runs.entries()) {
    for (const [key, test] of keyed(run)) {
      const seen = samples.get(key) ?? runs.map(() => null);
      samples.set(key, seen);
      seen[index] = test;
    }
  }
  return [...samples.values()].flatMap((seen) => {
    const test = seen.findLast((each) => each !== null);
    return test ? [{ test, seen }] : [];
  });
}

function keyed(run: TestRun): Map<string, Test> {
  const tests = new Map<string, Test>();
  for (const test of run.files.flatMap((file) => file.tests)) {
    const place = `${testKey(test)}\0${test.line}:${test.column}`;
    let key = place;
    for (let nth = 2; tests.has(key); nth += 1) key = `${place}\0${nth}`;
    tests.set(key, test);
  }
  return tests;
}

/** Whether a test did anything in a run: neither skipped nor standing for a whole file. */
export function ranAsTest(test: Test): boolean {
  return !isWholeFile(test) && test.outcome !== 'skipped';
}

/** The own times of a test in the runs in which it ran, in ms. */
export function timesOf({ seen }: Sampled): number[] {
  return seen.filter((test) => test !== null && ranAsTest(test)).map((test) => fastestMs(test as Test));
}

/** The same file in all runs that have it. */
export function sampledFiles(runs: readonly TestRun[]): Map<string, FileRun[]> {
  const files = new Map<string, FileRun[]>();
  for (const file of runs.flatMap((run) => run.files)) files.set(file.file, [...(files.get(file.file) ?? []), file]);
  return files;
}
