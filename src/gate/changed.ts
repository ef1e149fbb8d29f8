import { mostToGainFirst } from '../insight/gaps.ts';
import type { Changes } from '../model/changes.ts';
import { holds, shortOf } from '../model/coverage.ts';
import type { Count, Coverage, FileCoverage, LineRange, Metric } from '../model/coverage.ts';
import type { FileGap, Finding } from '../model/finding.ts';
import type { MetricLimits } from '../model/policy.ts';

/** Lines are what a change is made of; c8's statements are its lines. */
const BY_LINE: readonly Metric[] = ['lines', 'statements'];

/** Holds the changed lines of sources against their limits. A change without such lines holds every limit. */
export function judgeChanged(coverage: Coverage, limits: MetricLimits | null, changes: Changes | null): Finding[] {
  if (limits === null || changes === null) return [];
  const files = coverage.files.map((file) => changedOf(file, changes)).filter(({ count }) => count.total > 0);
  const count = files.reduce((sum, file): Count => ({ covered: sum.covered + file.count.covered, total: sum.total + file.count.total }), {
    covered: 0,
    total: 0,
  });
  return BY_LINE.flatMap((metric): Finding[] => {
    const limitPct = limits[metric];
    if (limitPct === undefined || holds(count, limitPct)) return [];
    const gaps = files
      .map((file): FileGap => ({ ...file, short: shortOf(file.count, limitPct) }))
      .filter(({ short }) => short > 0)
      .toSorted(mostToGainFirst);
    return [{ code: 'coverage-changed', severity: 'error', metric, count, limitPct, base: changes.base, gaps }];
  });
}

type Changed = Pick<FileGap, 'file' | 'count' | 'uncovered'>;

/** The changed lines of one source that have a counter. c8 counts every line of a source, so those are all that exist in it. */
function changedOf(source: FileCoverage, changes: Changes): Changed {
  const ranges = changes.files === null ? ([[1, source.lines.total]] as const) : (changes.files.get(source.file) ?? []);
  const changed = ranges
    .map(([from, to]): LineRange => [Math.max(1, from), Math.min(to, source.lines.total)])
    .filter(([from, to]) => from <= to);
  const uncovered = changed.flatMap((range) => source.uncovered.flatMap((other) => overlap(range, other)));
  const total = lengthOf(changed);
  return { file: source.file, count: { covered: total - lengthOf(uncovered), total }, uncovered };
}

function overlap(a: LineRange, b: LineRange): LineRange[] {
  const [from, to] = [Math.max(a[0], b[0]), Math.min(a[1], b[1])];
  return from <= to ? [[from, to]] : [];
}

function lengthOf(ranges: readonly LineRange[]): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
}
