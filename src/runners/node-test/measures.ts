import type { FileRun } from '../../model/test-run.ts';

/** What is measured of a test file's own process besides its wall time. */
export type Measures = Pick<FileRun, 'aroundMs' | 'peakRssBytes'>;

/**
 * Tells by file what its process took beside its tests, and the most memory it held. `walls` are the wall times of processes in ms; tests and
 * suites at the top of a file run one after the other, so their times add up.
 */
export function measuresOf(
  walls: ReadonlyMap<string, number>,
  topTests: readonly { readonly file: string; readonly durationMs: number }[],
  ends: readonly { readonly file: string | undefined; readonly peakRssBytes: number | null }[],
): (file: string) => Measures {
  const inTestsMs = new Map<string, number>();
  for (const { file, durationMs } of topTests) inTestsMs.set(file, (inTestsMs.get(file) ?? 0) + durationMs);
  const peaks = new Map<string, number>();
  for (const { file, peakRssBytes } of ends) {
    if (file !== undefined && peakRssBytes !== null) peaks.set(file, Math.max(peaks.get(file) ?? 0, peakRssBytes));
  }
  return (file) => {
    const wallMs = walls.get(file);
    const peakRssBytes = peaks.get(file);
    return {
      ...(wallMs === undefined ? {} : { aroundMs: Math.max(0, wallMs - (inTestsMs.get(file) ?? 0)) }),
      ...(peakRssBytes === undefined ? {} : { peakRssBytes }),
    };
  };
}
