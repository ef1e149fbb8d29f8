import type { Flicker } from '../model/checkpoint.ts';
import type { FileCoverage, LineRange } from '../model/coverage.ts';
import { isWholeFile, type Test, type TestRun } from '../model/test-run.ts';
import { sampledFiles, sampledTests, timesOf, type Sampled } from './samples.ts';
import { median, relativeSpread } from './stats.ts';
import { withTriedAgain } from './tried-again.ts';

/** How often a test came out how over the runs; `missing` where it is not in a run at all. */
export type Outcomes = Readonly<Record<'passed' | 'failed' | 'skipped' | 'missing', number>>;

/** A test whose outcome differs between runs of the same suite. It is flaky when it failed in some. */
export type Changing = { readonly test: Test; readonly outcomes: Outcomes };

/** A test whose own time differs: fastest, middle and slowest run in ms, and the largest distance from the middle as a share of it. */
export type Unsteady = {
  readonly test: Test;
  readonly fastestMs: number;
  readonly medianMs: number;
  readonly slowestMs: number;
  readonly spread: number;
};

/** The most memory that one process of a test file held, in the first run and the last. */
export type Growth = { readonly file: string; readonly firstBytes: number; readonly lastBytes: number };

/** What differs between runs of the same suite. */
export type Steadiness = {
  readonly changing: readonly Changing[];
  readonly unsteady: readonly Unsteady[];
  readonly memory: {
    /** The largest process of the first run and of the last. */
    readonly first: { readonly file: string; readonly bytes: number };
    readonly last: { readonly file: string; readonly bytes: number };
    /** Files whose process needs clearly more in the last run. */
    readonly growing: readonly Growth[];
  } | null;
  /** Null when coverage was not measured as a whole at least twice. */
  readonly flicker: readonly Flicker[] | null;
};

/** A time that differs by less than this much, or this share of it, is steady: any machine is busy now and then. */
const UNSTEADY = { spread: 0.3, leastMs: 100 } as const;
/** And memory. */
const GROWTH = { times: 1.2, leastBytes: 16 * 1024 * 1024 } as const;

/** Compares repeated runs of one suite; the last run says which tests there are. */
export function steadinessOf(runs: readonly TestRun[]): Steadiness {
  const samples = sampledTests(runs);
  return {
    changing: changingIn(samples),
    unsteady: samples.flatMap(unsteadyTest).toSorted((a, b) => b.slowestMs - b.fastestMs - (a.slowestMs - a.fastestMs)),
    memory: memoryOf(runs),
    flicker: flickerIn(runs),
  };
}

/** A test that failed for nothing but its subtests has not failed itself. */
function outcomeOf(test: Test | null): keyof Outcomes {
  if (test === null) return 'missing';
  if (test.outcome === 'failed') return test.failure === null ? 'passed' : 'failed';
  return test.outcome === 'skipped' ? 'skipped' : 'passed';
}

function changingIn(samples: readonly Sampled[]): Changing[] {
  const changing = samples.flatMap(({ test, seen }): Changing[] => {
    const outcomes = { passed: 0, failed: 0, skipped: 0, missing: 0 };
    for (const each of seen) outcomes[outcomeOf(each)] += 1;
    return Object.values(outcomes).filter((count) => count > 0).length > 1 ? [{ test, outcomes }] : [];
  });
  // Where a file does not load its tests are missing: that is told once.
  const broken = new Set(changing.filter(({ test }) => isWholeFile(test)).map(({ test }) => test.file));
  return changing
    .filter(({ test, outcomes }) => isWholeFile(test) || outcomes.missing === 0 || outcomes.failed > 0 || !broken.has(test.file))
    .toSorted((a, b) => b.outcomes.failed - a.outcomes.failed);
}

/** Whether it is a flake: failed, but not always. */
export function isFlaky({ outcomes }: Changing): boolean {
  return outcomes.failed > 0;
}

function unsteadyTest(sampled: Sampled): Unsteady[] {
  const passed = sampled.seen.filter((test) => test !== null && outcomeOf(test) === 'passed');
  const times = timesOf({ ...sampled, seen: passed });
  if (times.length < 2) return [];
  const [least, most, spread] = [Math.min(...times), Math.max(...times), relativeSpread(times)];
  if (!(most - least >= UNSTEADY.leastMs && spread >= UNSTEADY.spread)) return [];
  return [{ test: sampled.test, fastestMs: least, medianMs: median(times), slowestMs: most, spread }];
}

function memoryOf(runs: readonly TestRun[]): Steadiness['memory'] {
  const [first, last] = [largest(runs[0]), largest(runs.at(-1))];
  if (first === null || last === null) return null;
  const growing = [...sampledFiles(runs)].flatMap(([file, seen]): Growth[] => {
    const [firstBytes, lastBytes] = [seen[0]?.peakRssBytes, seen.at(-1)?.peakRssBytes];
    if (firstBytes === undefined || lastBytes === undefined) return [];
    return lastBytes >= firstBytes * GROWTH.times && lastBytes - firstBytes >= GROWTH.leastBytes ? [{ file, firstBytes, lastBytes }] : [];
  });
  return { first, last, growing: growing.toSorted((a, b) => b.lastBytes - b.firstBytes - (a.lastBytes - a.firstBytes)) };
}

function largest(run: TestRun | undefined): { file: string; bytes: number } | null {
  const [most] = (run?.files ?? []).toSorted((a, b) => (b.peakRssBytes ?? 0) - (a.peakRssBytes ?? 0));
  return most?.peakRssBytes === undefined ? null : { file: most.file, bytes: most.peakRssBytes };
}

/** Lines are compared only of sources that were the same in all runs, and of runs that lost none and came to the end of every test. */
function flickerIn(runs: readonly TestRun[]): Flicker[] | null {
  const whole = runs.filter(
    (run) => run.lost.length === 0 && !run.files.some((file) => file.tests.some(({ outcome }) => outcome === 'failed')),
  );
  const coverages = whole.flatMap(({ coverage }) => coverage ?? []);
  if (coverages.length < 2) return null;
  const files = new Map<string, FileCoverage[]>();
  for (const file of coverages.flatMap((coverage) => coverage.files)) files.set(file.file, [...(files.get(file.file) ?? []), file]);
  return [...files].flatMap(([file, seen]): Flicker[] => {
    const hash = seen[0]?.hash ?? '';
    if (seen.some((each) => each.hash !== hash)) return [];
    const lines = differing(seen.map((each) => each.uncovered));
    return lines.length > 0 ? [{ file, hash, lines }] : [];
  });
}

/** Lines that are in some of the lists and not in all. */
function differing(lists: readonly (readonly LineRange[])[]): LineRange[] {
  const counts = new Map<number, number>();
  for (const [from, to] of lists.flat()) for (let line = from; line <= to; line += 1) counts.set(line, (counts.get(line) ?? 0) + 1);
  const ranges: [number, number][] = [];
  for (const line of [...counts.keys()].filter((each) => (counts.get(each) ?? 0) < lists.length).toSorted((a, b) => a - b)) {
    const open = ranges.at(-1);
    if (open !== undefined && open[1] === line - 1) open[1] = line;
    else ranges.push([line, line]);
  }
  return ranges;
}

/**
 * The last of some runs, in which a test that failed in some of them and not in all is flaky, with an attempt for every run. A test that failed
 * only through such tests has passed.
 */
export function withFlakes(runs: readonly TestRun[]): TestRun {
  const last = runs.at(-1);
  if (!last) throw new RangeError('an audit needs at least one run');
  const samples = sampledTests(runs);
  const flaky = new Map(
    changingIn(samples)
      .filter(isFlaky)
      .map(({ test }) => [test, samples.find((each) => each.test === test)?.seen ?? []]),
  );
  const files = last.files.map((file) => {
    if (![...flaky.keys()].some((test) => test.file === file.file)) return file;
    const missing = [...flaky.keys()].filter((test) => test.file === file.file && !file.tests.includes(test));
    const asSeen = (test: Test): Test | null => (flaky.has(test) ? asFlaky(test, flaky.get(test) ?? []) : null);
    return { ...file, tests: withTriedAgain([...file.tests, ...missing], asSeen) };
  });
  return { ...last, files };
}

function asFlaky(test: Test, seen: readonly (Test | null)[]): Test {
  const all = seen.filter((each) => each !== null);
  const failure = all.findLast((each) => each.failure !== null)?.failure ?? test.failure;
  return { ...test, outcome: 'flaky', failure, attempts: all.flatMap((each) => each.attempts) };
}
