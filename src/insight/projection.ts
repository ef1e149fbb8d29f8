import type { LastFull } from '../model/inputs.ts';
import type { FileRun } from '../model/test-run.ts';

/**
 * What the whole suite would take, in ms: the last full run, and what the files that ran since then took more or less, spread over the
 * workers. Never less than the longest file.
 */
export function projectedWallMs(
  lastFull: Pick<LastFull, 'wallMs' | 'durationsMs'>,
  files: readonly Pick<FileRun, 'file' | 'durationMs'>[],
  workers: number,
): number {
  const before = [...lastFull.durationsMs.values()].reduce((sum, ms) => sum + ms, 0);
  const now = files.reduce((sum, file) => sum + file.durationMs, 0);
  const longest = Math.max(0, ...files.map((file) => file.durationMs));
  return Math.max(longest, lastFull.wallMs + (now - before) / Math.max(1, workers));
}

/** Why nothing can be projected from the last full run: it took longer than `nearMs`, or it was over its budget then. */
export type Nearness = 'near' | 'over';

/** As a test that failed runs again, so does a suite: that it takes less now, nothing but a full run can show. Null where it need not. */
export function nearnessOf(lastFull: LastFull, nearMs: number): Nearness | null {
  if (lastFull.isOver) return 'over';
  return lastFull.wallMs > nearMs ? 'near' : null;
}
