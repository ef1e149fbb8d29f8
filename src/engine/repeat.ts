import type { TestRun } from '../model/test-run.ts';
import { timed } from './bench.ts';

/** The spread of a suite's wall time over repeated runs, in ms; `marginPct` is the relative margin of error at 95 % confidence. */
export type Spread = { readonly medianMs: number; readonly p75Ms: number; readonly marginPct: number };

/** Runs a suite several times, one after the other, and has tinybench do the statistics on the suite's own wall time. */
export async function repeat(times: number, runOnce: () => Promise<TestRun>): Promise<{ runs: TestRun[]; spread: Spread | null }> {
  const runs: TestRun[] = [];
  if (times === 1) return { runs: [await runOnce()], spread: null };
  const once = async (): Promise<{ overriddenDuration: number }> => {
    const run = await runOnce();
    runs.push(run);
    return { overriddenDuration: run.wallMs };
  };
  const found = await timed(once, { iterations: times, time: 0, warmup: false });
  return { runs, spread: found === null ? null : { medianMs: found.p50, p75Ms: found.p75, marginPct: found.rme } };
}
