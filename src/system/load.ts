import { availableParallelism, loadavg } from 'node:os';

/** Processors this process may use, and the load average of the last minute (0 where the platform has none). */
export function machineLoad(): { cores: number; load: number } {
  return { cores: availableParallelism(), load: loadavg()[0] ?? 0 };
}
