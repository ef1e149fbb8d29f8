import { traceTests } from '../../engine/explain.ts';
import { runnerTraced, type Suite } from '../../engine/measure.ts';
import type { Timed } from '../../insight/audit.ts';
import { explained } from '../../insight/cause.ts';
import type { LookedAt } from '../../insight/spending.ts';

/** Ten tests are most of the time of most slow suites; a minute is what an audit may wait for them. */
const BOUNDS = { mostTests: 10, mostMs: 60_000 } as const;

/** Of what takes less, in ms, a run alone tells more of the start of a process than of the test. */
const LEAST_MS = 100;

/** Runs the slowest tests of a suite alone, with the tracer. `instrumented` times are no measure of what the suite costs a test. */
export async function lookAt({ tests }: Timed, suite: Suite, instrumented: boolean): Promise<LookedAt[]> {
  const slowest = tests.filter(({ test, durationMs }) => durationMs >= LEAST_MS && test.outcome !== 'todo');
  const sorted = slowest.toSorted((a, b) => b.durationMs - a.durationMs);
  const traced = runnerTraced(suite, false);
  const traces = await traceTests(
    sorted.map(({ test }) => test),
    traced,
    suite.signal,
    BOUNDS,
  );
  return sorted.flatMap((each) => {
    const trace = traces.get(each.test);
    return trace === undefined ? [] : [{ ...each, explanation: explained(trace, instrumented ? null : each.durationMs) }];
  });
}
