import { METRICS, type Count, type Coverage, type FileCoverage, type Metric } from '../model/coverage.ts';
import { testKey, testsOf, type FileRun, type Outcome, type RawSlice, type TestRun } from '../model/test-run.ts';

/** The first thing in which two runs of the same files differ; null on a side where it is missing. */
export type Difference =
  | {
      readonly kind: 'test';
      readonly file: string;
      readonly name: string;
      readonly outcomes: readonly [Outcome | null, Outcome | null];
      /** Whether its file was run both times: then its tests do not come out the same, whatever was taken over. */
      readonly ranTwice: boolean;
    }
  | {
      readonly kind: 'coverage';
      readonly file: string;
      readonly metric: Metric;
      readonly counts: readonly [Count | null, Count | null];
      readonly unsteady?: string | undefined;
    }
  /** `unsteady`: the test file that ran both times and not the same lines, when all that was taken over came out as it was. */
  | { readonly kind: 'lines'; readonly file: string; readonly unsteady?: string | undefined };

/**
 * Compares tests, outcomes and every counter of every source; null when they are equal. Tests of files that one of the runs took over come
 * first. When tests of a file differ that ran both times, so may any counter: that is told before counters are.
 */
export function differenceOf(a: TestRun, b: TestRun): Difference | null {
  const reused = new Set([...a.files, ...b.files].filter(({ origin }) => origin === 'reused').map(({ file }) => file));
  const tests = (run: TestRun, ranTwice: boolean): Tests => testsOf(run).filter(({ file }) => reused.has(file) !== ranTwice);
  for (const ranTwice of [false, true]) {
    const found = testDifference(tests(a, ranTwice), tests(b, ranTwice), ranTwice);
    if (found !== null) return found;
  }
  const found = coverageDifference(a.coverage ?? { files: [] }, b.coverage ?? { files: [] });
  const unsteady = found === null ? null : unsteadyFile(a, b, reused);
  return found === null || unsteady === null ? found : { ...found, unsteady };
}

/** A file that ran in both runs and not the same lines; null when one of those that did not run twice came out otherwise, too. */
function unsteadyFile(a: TestRun, b: TestRun, reused: ReadonlySet<string>): string | null {
  const other = new Map(b.files.map((file) => [file.file, file]));
  const unlike = a.files.filter((file) => {
    const again = other.get(file.file);
    return again === undefined || repeatDifference(file, again, '') !== null;
  });
  return unlike.some(({ file }) => reused.has(file)) ? null : (unlike[0]?.file ?? null);
}

type Tests = readonly { readonly file: string; readonly name: string; readonly outcome: Outcome }[];

function testDifference(a: Tests, b: Tests, ranTwice: boolean): Difference | null {
  const [left, right] = [outcomesByKey(a), outcomesByKey(b)];
  for (const test of [...a, ...b]) {
    const outcomes = [left.get(testKey(test)), right.get(testKey(test))] as const;
    if (outcomes[0]?.join() !== outcomes[1]?.join())
      return {
        kind: 'test',
        file: test.file,
        name: test.name,
        outcomes: [firstUnlike(...outcomes), firstUnlike(outcomes[1], outcomes[0])],
        ranTwice,
      };
  }
  return null;
}

/** One name may stand for several tests. */
function outcomesByKey(tests: Tests): Map<string, Outcome[]> {
  const byKey = new Map<string, Outcome[]>();
  for (const test of tests) byKey.set(testKey(test), [...(byKey.get(testKey(test)) ?? []), test.outcome].toSorted());
  return byKey;
}

function firstUnlike(own: readonly Outcome[] | undefined, other: readonly Outcome[] | undefined): Outcome | null {
  return own?.find((outcome, index) => outcome !== other?.[index]) ?? null;
}

function coverageDifference(a: Coverage, b: Coverage): Exclude<Difference, { kind: 'test' }> | null {
  const [left, right] = [new Map(a.files.map(byName)), new Map(b.files.map(byName))];
  for (const file of [...new Set([...left.keys(), ...right.keys()])].toSorted()) {
    const [one, other] = [left.get(file), right.get(file)];
    for (const metric of METRICS) {
      const counts = [one?.[metric] ?? null, other?.[metric] ?? null] as const;
      if (counts[0]?.covered !== counts[1]?.covered || counts[0]?.total !== counts[1]?.total)
        return { kind: 'coverage', file, metric, counts };
    }
    if (JSON.stringify(one?.uncovered) !== JSON.stringify(other?.uncovered)) return { kind: 'lines', file };
  }
  return null;
}

const byName = (file: FileCoverage): [string, FileCoverage] => [file.file, file];

/**
 * Whether a file run that was repeated came out as the one that was kept: the same outcomes, and the same parts of the same sources ran. How
 * often they ran may differ. `top`: the URL of the project's folder, with a slash at its end.
 */
export function repeatDifference(kept: FileRun, again: FileRun, top: string): Difference | null {
  const tests = testDifference(kept.tests, again.tests, false);
  if (tests !== null) return tests;
  const [left, right] = [ranParts(kept.raw), ranParts(again.raw)];
  const url = [...new Set([...left.keys(), ...right.keys()])].find((each) => left.get(each) !== right.get(each));
  return url === undefined ? null : { kind: 'lines', file: url.startsWith(top) ? decodeURI(url.slice(top.length)) : url };
}

/** By script: the ranges with whether they ran, of all its processes. */
function ranParts(slices: readonly RawSlice[]): Map<string, string> {
  const byUrl = new Map<string, Set<string>>();
  for (const { url, text } of slices) {
    const parts = byUrl.get(url) ?? new Set<string>();
    byUrl.set(url, parts);
    parts.add(text.replaceAll(/"count":[1-9]\d*/g, '"count":1'));
  }
  return new Map([...byUrl].map(([url, parts]) => [url, [...parts].toSorted().join('\n')]));
}
