import { Bench } from 'tinybench';
import type { TestRun } from '../model/test-run.ts';

/** The spread of a suite's wall time over repeated runs, in ms; `marginPct` is the relative margin of error at 95 % confidence. */
export type Spread = { readonly medianMs: number; readonly p75Ms: number; readonly marginPct: number };

/** Runs a suite several times, one after the other, and has tinybench do the statistics on the suite's own wall time. */
export async function repeat(times: number, runOnce: () => Promise<TestRun>): Promise<{ runs: TestRun[]; spread: Spread | null }> {
  const runs: TestRun[] = [];
  if (times === 1) return { runs: [await runOnce()], spread: null };
  const bench = new Bench({ iterations: times, time: 0, warmup: false, throws: true });
  bench.add('suite', async () => {
    const run = await runOnce();
    runs.push(run);
    return { overriddenDuration: run.wallMs };
  });
  const [task] = await bench.run();
  const result = task?.result;
  if (result === undefined || !('latency' in result)) return { runs, spread: null };
  const { p50, p75, rme } = result.latency;
  return { runs, spread: { medianMs: p50, p75Ms: p75, marginPct: rme } };
}
