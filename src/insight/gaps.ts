import { shortOf } from '../model/coverage.ts';
import type { Coverage, FileCoverage, Metric } from '../model/coverage.ts';
import type { FileGap } from '../model/finding.ts';

/** One file's distance from a goal in per cent. */
export function gapOf(file: FileCoverage, metric: Metric, goalPct: number): FileGap {
  const count = file[metric];
  return { file: file.file, count, short: shortOf(count, goalPct), uncovered: file.uncovered };
}

/** The files short of a goal, most to gain first; equal gains by file name. */
export function gapsOf(coverage: Coverage, metric: Metric, goalPct: number): FileGap[] {
  return coverage.files
    .map((file) => gapOf(file, metric, goalPct))
    .filter((gap) => gap.short > 0)
    .toSorted(mostToGainFirst);
}

export function mostToGainFirst(a: FileGap, b: FileGap): number {
  if (a.short !== b.short) return b.short - a.short;
  return a.file < b.file ? -1 : Number(a.file > b.file);
}

/**
 * The single file that would be enough to cover `needed` more: the one with the fewest uncovered that still has that many. Null when no
 * file has, or when nothing is needed.
 */
export function enoughAlone(gaps: readonly FileGap[], needed: number): FileGap | null {
  if (!(needed > 0)) return null;
  let smallest: FileGap | null = null;
  for (const gap of gaps) {
    const uncovered = uncoveredOf(gap);
    if (uncovered >= needed && (smallest === null || uncovered < uncoveredOf(smallest))) smallest = gap;
  }
  return smallest;
}

/** How many of the file's lines (branches, functions) never ran. */
export function uncoveredOf(gap: FileGap): number {
  return gap.count.total - gap.count.covered;
}
