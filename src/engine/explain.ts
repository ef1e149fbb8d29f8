import { explained } from '../insight/cause.ts';
import type { FileTrace, Trace } from '../model/explanation.ts';
import { fastestMs, isWholeFile, testsOf } from '../model/test-run.ts';
import type { Test, TestRun } from '../model/test-run.ts';
import { activeMs } from '../system/clock.ts';

/** Runs some tests of one file with the tracer, or all of them when none is named; what was traced is in the run's `traces`. */
export type RunTraced = (file: string, tests: readonly Test[], timeoutMs: number) => Promise<TestRun>;

/** How many tests are traced at most, and in how much time. */
export type Bounds = { readonly mostTests: number; readonly mostMs: number };

/** What is explained unasked: whoever waits for a push has waited already. */
const UNASKED: Bounds = { mostTests: 3, mostMs: 30_000 };

/** What starting a process and loading a file may take, in ms: a test with less time left than its own and this is not begun. */
const STARTUP_MS = 2_000;

/**
 * Explains the slowest of some tests, as far as there is time. Never throws but for a signal: a verdict that was reached is not lost for want
 * of an explanation.
 */
export async function explainSlow(run: TestRun, slow: readonly Test[], runTraced: RunTraced, signal: AbortSignal): Promise<TestRun> {
  const slowestFirst = slow.toSorted((a, b) => fastestMs(b) - fastestMs(a));
  const traces = await traceTests(slowestFirst, runTraced, signal, UNASKED);
  const files = run.files.map((file) => ({ ...file, tests: file.tests.map((test) => withExplanation(test, traces.get(test))) }));
  return traces.size === 0 ? run : { ...run, files };
}

/** Runs tests with the tracer, alone and in their order, as far as the bounds allow. What leaves no trace is left out; throws for a signal only. */
export async function traceTests(
  tests: readonly Test[],
  runTraced: RunTraced,
  signal: AbortSignal,
  { mostTests, mostMs }: Bounds,
): Promise<Map<Test, Trace>> {
  const began = activeMs();
  const traces = new Map<Test, Trace>();
  for (const test of tests.slice(0, mostTests)) {
    const leftMs = mostMs - (activeMs() - began);
    if (fastestMs(test) + STARTUP_MS > leftMs) continue;
    // oxlint-disable-next-line no-await-in-loop -- alone means one at a time
    const trace = await traceOf(test, runTraced, leftMs, signal);
    if (trace !== null) traces.set(test, trace);
  }
  return traces;
}

async function traceOf(test: Test, runTraced: RunTraced, timeoutMs: number, signal: AbortSignal): Promise<Trace | null> {
  try {
    return traceIn(await runTraced(test.file, [test], timeoutMs), test);
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}

function withExplanation(test: Test, trace: Trace | undefined): Test {
  // The time of the suite is the suite's own: what is left of it here was slow alone too.
  return trace === undefined ? test : { ...test, explanation: explained(trace, null) };
}

/** The trace of a test in a run; of several with its name the one on its line, else the longest. Null when the run does not hold it. */
function traceIn(run: TestRun, test: Pick<Test, 'file' | 'name' | 'line'>): Trace | null {
  const named = tracesFor(run, test.file).filter((each) => each.name === test.name);
  const sorted = named.toSorted((a, b) => b.trace.wallMs - a.trace.wallMs);
  return (sorted.find((each) => each.line === test.line) ?? sorted[0])?.trace ?? null;
}

/** What was traced in a file's own process, or in the one process of all files. */
function tracesFor(run: TestRun, file: string): FileTrace['tests'] {
  const traces = run.traces ?? [];
  const own = traces.filter((each) => each.file === file);
  return (own.length > 0 ? own : traces).flatMap((each) => each.tests);
}

/** The tests that a traced run holds, each with its trace. Of tests with one name the first has the first trace. */
export function tracedTests(run: TestRun): { test: Test; trace: Trace }[] {
  const taken = new Set<Trace>();
  return testsOf(run)
    .filter((test) => !isWholeFile(test) && test.outcome !== 'skipped')
    .flatMap((test) => {
      const free = tracesFor(run, test.file).filter((each) => each.name === test.name && !taken.has(each.trace));
      const trace = (free.find((each) => each.line === test.line) ?? free[0])?.trace;
      if (trace === undefined) return [];
      taken.add(trace);
      return [{ test, trace }];
    });
}
