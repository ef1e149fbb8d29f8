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
