/**
 * How long jobs take on so many workers when each free worker takes the next one in order, as test runners do with files. In the jobs'
 * unit. Shortening a job never lengthens the whole.
 */
export function scheduleMs(jobsMs: readonly number[], workers: number): number {
  const freeAt: number[] = Array.from({ length: Math.max(1, Math.floor(workers) || 1) }, () => 0);
  for (const jobMs of jobsMs) {
    let first = 0;
    for (let worker = 1; worker < freeAt.length; worker += 1) {
      if ((freeAt[worker] ?? 0) < (freeAt[first] ?? 0)) first = worker;
    }
    freeAt[first] = (freeAt[first] ?? 0) + jobMs;
  }
  return freeAt.reduce((latest, at) => Math.max(latest, at), 0);
}

/** A suite as it is laid out: its files in order, its wall time in ms, and how many workers it has. */
export type Layout = {
  readonly files: readonly { readonly file: string; readonly durationMs: number }[];
  readonly wallMs: number;
  readonly workers: number;
};

/**
 * Estimates the wall time when some files take less. Files are dealt to the workers in order, once with their times and once with what is left
 * of them; the difference is what is saved. An estimate, because real runs also wait for one another. With one worker it is the sum; with
 * more, time that other workers' files hide is not counted as saved.
 */
export function wallWithout(
  { files, wallMs, workers }: Layout,
  savedByFileMs: ReadonlyMap<string, number>,
): { wallMs: number; savedMs: number } {
  const before = scheduleMs(
    files.map((file) => file.durationMs),
    workers,
  );
  const after = scheduleMs(
    files.map((file) => Math.max(0, file.durationMs - (savedByFileMs.get(file.file) ?? 0))),
    workers,
  );
  const savedMs = Math.min(wallMs, before - after);
  return { wallMs: wallMs - savedMs, savedMs };
}

/** How long a suite took on so many workers, the median of its runs in ms. */
export type Trial = { readonly workers: number; readonly wallMs: number };

/** Within this of the fastest, fewer workers are as good. */
const AS_GOOD = 1.05;

/** The fewest workers that are about as fast as any of those tried; null when none was. */
export function bestWorkers(trials: readonly Trial[]): Trial | null {
  const fastestMs = Math.min(...trials.map((trial) => trial.wallMs));
  return trials.toSorted((a, b) => a.workers - b.workers).find((trial) => trial.wallMs <= fastestMs * AS_GOOD) ?? null;
}
