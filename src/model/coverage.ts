/** What c8 counts. Its "statements" are its lines; both are kept because its reports show both. */
export type Metric = 'lines' | 'branches' | 'functions' | 'statements';

export const METRICS: readonly Metric[] = ['lines', 'branches', 'functions', 'statements'];

export type Count = { readonly covered: number; readonly total: number };

/** First and last line (1-based, inclusive) of lines that never ran. */
export type LineRange = readonly [from: number, to: number];

/** The converted figures of one source file. `hash` is that of the content they count. */
export type FileCoverage = {
  /** Relative to the project root, with forward slashes. */
  readonly file: string;
  readonly hash: string;
  readonly lines: Count;
  readonly branches: Count;
  readonly functions: Count;
  readonly statements: Count;
  readonly uncovered: readonly LineRange[];
};

/**
 * All included sources, those no test loaded among them. Sorted by file. `exact`: whether the rule of what is included says so of every one;
 * source maps may lead to others.
 */
export type Coverage = { readonly files: readonly FileCoverage[]; readonly exact?: boolean };

/** Sums one metric over all files. */
export function totalOf(coverage: Coverage, metric: Metric): Count {
  let covered = 0;
  let total = 0;
  for (const file of coverage.files) {
    covered += file[metric].covered;
    total += file[metric].total;
  }
  return { covered, total };
}

/**
 * Whether anything loaded a file. c8 counts one that nothing did as one function and one branch, neither of which ran; its lines may count as
 * covered all the same, where a comment says so.
 */
export function wasLoaded(file: Pick<FileCoverage, 'functions' | 'branches'>): boolean {
  return file.functions.covered > 0 || file.branches.covered > 0;
}

/**
 * Whether more coverage could only raise a metric. Lines and statements are counted by what a file holds, whatever ran. c8 counts a file that
 * nothing loaded as one function, and a function that nothing called as one branch: such code brings more of both when it runs.
 */
export function isLowerBound(coverage: Coverage, metric: Metric): boolean {
  if (metric === 'functions') return coverage.files.every((file) => wasLoaded(file) || file.lines.total === 0);
  return metric !== 'branches' || coverage.files.every(({ functions }) => functions.covered === functions.total);
}

/**
 * Whether a count holds a limit in per cent. Compared in integers, so that no rounding lifts a figure over its limit; a limit has at most
 * two decimals. Nothing to cover holds every limit, as in c8; that nothing at all was measured is judged elsewhere. NaN holds no limit.
 */
export function holds(count: Count, limitPct: number): boolean {
  return count.covered * 10_000 >= Math.round(limitPct * 100) * count.total;
}

/** How many more must be covered to hold the limit; 0 when it holds. */
export function shortOf(count: Count, limitPct: number): number {
  const needed = Math.ceil((Math.round(limitPct * 100) * count.total) / 10_000);
  return Math.max(0, needed - count.covered);
}

/** Per cent, floored to `digits` decimals (never rounded up). 100 when there is nothing to cover, as in c8. */
export function pctOf(count: Count, digits = 2): number {
  if (count.total === 0) return 100;
  const scale = 10 ** digits;
  return Math.floor((count.covered * 100 * scale) / count.total) / scale;
}
