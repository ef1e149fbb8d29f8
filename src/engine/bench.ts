import { Bench, type BenchOptions, type Statistics } from 'tinybench';

/** What is repeated; where it times itself, its own figure counts. */
export type Repeated = () => void | number | Promise<{ overriddenDuration: number }>;

/** Repeats something and has tinybench do the statistics on its time, in ms; null when there are none. */
export async function timed(repeated: Repeated, options: BenchOptions): Promise<Statistics | null> {
  const bench = new Bench({ throws: true, ...options });
  bench.add('repeated', repeated);
  const [task] = await bench.run();
  const result = task?.result;
  return result !== undefined && 'latency' in result ? result.latency : null;
}
