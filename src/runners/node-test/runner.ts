import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { stoppedError } from '../../model/error.ts';
import type { Progress } from '../../model/progress.ts';
import type { FileRun, RawSlice, TestRun } from '../../model/test-run.ts';
import { activeMs } from '../../system/clock.ts';
import { makeDir } from '../../system/temp.ts';
import type { SetupStep, Step } from '../plan.ts';
import type { MeasureRequest, Reuse, Runner } from '../runner.ts';
import { assemble, relativeTo, type Remains } from './assemble.ts';
import { workersOf } from './command.ts';
import { openEventLog } from './events.ts';
import { died, filesOf, missingEvidence, type StepRun } from './evidence.ts';
import { openRecords, readBegun, readSourceMaps } from './records.ts';
import { inRunDir } from './run-dir.ts';
import { runSetup, runTests, type StepContext, type StepResult } from './run-step.ts';
import type { Session } from './turbo/session.ts';
import { withTurbo } from './turbo/turbo.ts';
import { openCoverage, type CoverageOfRun } from './v8/coverage-of-run.ts';

const POLL_MS = 250;

/** Runs `node:test` suites. */
export const nodeTestRunner: Runner = { name: 'node:test', measure };

function measure(request: MeasureRequest): Promise<TestRun> {
  return withTurbo(request, (asked, turbo) => inRunDir((runDir) => measureIn(runDir, asked, turbo)));
}

async function measureIn(runDir: string, asked: MeasureRequest, turbo: Session | null): Promise<TestRun> {
  const log = openEventLog();
  const records = openRecords(runDir, log);
  const rawDir = asked.coverage === null ? null : makeDir(runDir, 'raw');
  const started = activeMs();
  const leftMs = (): number => asked.timeoutMs - (activeMs() - started);
  let steps = asked.plan.steps;
  let building: string | null = null;
  let since = started;
  const poll = (): void => {
    records.poll();
    asked.onProgress({ ...progressOf(log, steps, asked), building, elapsedMs: activeMs() - since });
  };
  const timer = setInterval(() => attempt(poll), POLL_MS);
  try {
    const setups = asked.only === null || asked.withSetup === true ? leadingSetups(steps) : [];
    building = setups[0]?.command ?? null;
    const built = await runSteps(setups, { request: asked, runDir, rawDir: null, turbo: null, leftMs });
    building = null;
    since = activeMs();
    // What is built may be the tests themselves: only now it is known which there are.
    const request = { ...asked, plan: await asked.plan.afterSetup() };
    steps = built.some(hasFailed) ? [] : stepsToRun(request, setups.length);
    const reuse = steps.length === 0 ? null : ((await request.reuse?.(request.plan)) ?? null);
    if (reuse !== null) steps = withoutReused(steps, request.root, reuse);
    // The suite first: c8 loads while it starts.
    const running = runSteps(steps, { request, runDir, rawDir, turbo: turbo?.open(runDir) ?? null, leftMs });
    const [ran, opened] = await Promise.allSettled([running, openCoverageOf(request, rawDir, { turbo, reuse })]);
    poll();
    const [tested, coverage] = [valueOf(ran), valueOf(opened)];
    const results = [...built, ...tested];
    const remains = remainsOf(request, steps, { log, records, results, runDir });
    const finished = { ...remains, reuses: reuse !== null, coverage: coverage?.finish() ?? null };
    const run = await joined(runOf(request, results, finished, coverage !== null), request, reuse, coverage);
    return request.trace === true ? await withTraces(run, runDir) : run;
  } finally {
    clearInterval(timer);
  }
}

/** What the tracer left; its reader is loaded only for that. */
async function withTraces(run: TestRun, runDir: string): Promise<TestRun> {
  const { readTraces } = await import('./trace/read.ts');
  return { ...run, traces: readTraces(runDir) };
}

/** What has to run before it is known which tests there are. */
function leadingSetups(steps: readonly Step[]): readonly SetupStep[] {
  const first = steps.findIndex((step) => step.kind !== 'setup');
  return steps.slice(0, first < 0 ? steps.length : first).filter((step) => step.kind === 'setup');
}

const hasFailed = ({ result }: StepRun): boolean => result.timedOut || result.code !== 0;

/** The steps after the first `done`; for a single file, those that concern it. */
function stepsToRun({ root, plan, only }: MeasureRequest, done: number): readonly Step[] {
  return only === null ? plan.steps.slice(done) : plan.steps.filter((step) => concerns(step, resolve(root, only.file)));
}

/** Both are waited for, so that nothing of a run goes on after its folder is gone. */
function valueOf<Value>(settled: PromiseSettledResult<Value>): Value {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}

async function openCoverageOf(
  { root, plan, coverage, track }: MeasureRequest,
  dir: string | null,
  { turbo, reuse }: { turbo: Session | null; reuse: Reuse | null },
): Promise<CoverageOfRun | null> {
  if (coverage === null || dir === null) return null;
  const { exact, files } = reuse?.figures.coverage ?? { files: [] };
  const known = exact === true ? files.map(({ file }) => file) : [];
  return openCoverage({ root, dir, ...coverage, testFiles: plan.testFiles, known, top: track?.top ?? null, turbo });
}

/** What is left to run when some test files are not: nothing at all, if that is none. */
function withoutReused(steps: readonly Step[], root: string, { run }: Reuse): readonly Step[] {
  const left = steps.map((step) =>
    step.kind === 'node-test' ? { ...step, files: step.files.filter((file) => run.has(relativeTo(root, join(step.cwd, file)))) } : step,
  );
  return left.filter((step) => step.kind !== 'node-test' || step.files.length > 0);
}

/** The whole suite: what ran, and what was reused. Its coverage is that of both, merged before it is converted, where it can have changed. */
async function joined(run: TestRun, request: MeasureRequest, reuse: Reuse | null, coverage: CoverageOfRun | null): Promise<TestRun> {
  if (request.only !== null || coverage === null) return run;
  const slices: RawSlice[] = [...run.shared, ...run.files.flatMap((file) => file.raw)];
  const sourceMaps = request.track ? { sourceMaps: coverage.sourceMaps } : {};
  if (reuse === null) return { ...run, mode: 'full', coverage: await coverage.convert(slices, null), ...sourceMaps };
  const files = [...run.files, ...reuse.files].toSorted(byFile);
  return { ...run, mode: 'incremental', files, coverage: await coverage.convert(slices, reuse), ...sourceMaps };
}

const byFile = (a: FileRun, b: FileRun): number => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0);

/** What keeps failing fails again at the end, where it can be told; thrown from a timer it would end the process. */
function attempt(poll: () => void): void {
  try {
    poll();
  } catch {
    // See above.
  }
}

/** Whether a step has to run again for a single file: the one that holds it; what built before the suite need not build again. */
function concerns(step: Step, file: string): boolean {
  return step.kind !== 'setup' && (step.kind !== 'node-test' || step.files.some((each) => resolve(step.cwd, each) === file));
}

/** One after the other, as the script would. A failed build or a passed deadline ends the sequence; a failed test does not. */
async function runSteps(steps: readonly Step[], context: StepContext): Promise<StepRun[]> {
  const done: StepRun[] = [];
  for (const step of steps) {
    // oxlint-disable-next-line no-await-in-loop -- the script's own order
    const result = await runStep(step, context);
    done.push({ step, result });
    const { signal } = context.request;
    if (signal.aborted) throw stoppedError(signal.reason, 'nothing was judged');
    if (result.timedOut || (step.kind === 'setup' && result.code !== 0)) break;
  }
  return done;
}

/** Without files `node --test` would look for some by itself: nothing is run, and that is said. */
async function runStep(step: Step, context: StepContext): Promise<StepResult> {
  // The script says `cd` to a folder that is not there; a shell would stop with that status.
  if (!existsSync(step.cwd))
    return { code: 1, signal: null, timedOut: false, wallMs: 0, cpuMs: 0, output: `There is no folder ${step.cwd}.` };
  if (step.kind === 'setup') return runSetup(step, context);
  if (step.kind === 'node-test' && step.files.length === 0)
    return { code: 0, signal: null, timedOut: false, wallMs: 0, cpuMs: 0, output: '' };
  return runTests(step, context);
}

function remainsOf(
  request: MeasureRequest,
  steps: readonly Step[],
  seen: { log: Remains['log']; records: ReturnType<typeof openRecords>; results: readonly StepRun[]; runDir: string },
): Omit<Remains, 'coverage' | 'reuses'> {
  const own = steps.flatMap((step) => filesOf(step, request.root));
  const timedOut = seen.results.some(({ result }) => result.timedOut);
  return {
    root: request.root,
    expected: request.only === null ? [...new Set(own)] : own.filter((file) => file === request.only?.file),
    log: seen.log,
    processes: seen.records.processes,
    sourceMaps: readSourceMaps(seen.runDir),
    timedOut,
    begun: timedOut ? readBegun(seen.runDir, seen.records.processes) : new Map(),
    watched: request.track && request.coverage !== null ? { top: request.track.top, notes: seen.records.notes } : null,
  };
}

function runOf(request: MeasureRequest, results: readonly StepRun[], remains: Remains, instrumented: boolean): TestRun {
  const { files, shared, lost, unproven } = assemble(remains);
  const tests = results.filter(({ step }) => step.kind !== 'setup');
  const cpu = tests.map(({ result }) => result.cpuMs);
  const dead = results.filter((each) => died(each, remains));
  const filesOfDead = new Set(dead.flatMap(({ step }) => filesOf(step, request.root)));
  const told = unproven.filter((each) => each.kind !== 'file-missing' || !filesOfDead.has(each.file));
  const failed = new Set(files.filter(({ tests: all }) => all.some((test) => test.outcome === 'failed')).map(({ file }) => file));
  const hasFailedTest = (step: Step): boolean => {
    const own = filesOf(step, request.root);
    return own.length === 0 ? failed.size > 0 : own.some((file) => failed.has(file));
  };
  const explained = (each: StepRun): boolean => !dead.includes(each) && (hasFailedTest(each.step) || told.length > 0);
  return {
    runner: nodeTestRunner.name,
    mode: 'full',
    instrumented,
    wallMs: tests.reduce((sum, { result }) => sum + result.wallMs, 0),
    cpuMs: cpu.includes(null) ? null : cpu.reduce<number>((sum, ms) => sum + (ms ?? 0), 0),
    workers: Math.max(1, ...request.plan.steps.map((step) => workersOf(step, availableParallelism()))),
    files,
    shared,
    coverage: null,
    lost,
    unproven: [...told, ...missingEvidence(request, results, remains, explained)],
    bareWallMs: null,
    unconfirmed: { slow: 0, failed: 0 },
  };
}

function progressOf(log: Remains['log'], steps: readonly Step[], request: MeasureRequest): Omit<Progress, 'building' | 'elapsedMs'> {
  const now = Date.now();
  const running = log.running().toSorted((a, b) => a.since - b.since)[0];
  return {
    filesDone: log.files.size,
    filesTotal: steps.reduce((sum, step) => sum + (step.kind === 'node-test' ? step.files.length : 0), 0),
    testsDone: log.testsDone,
    failed: log.failed,
    slowest: running
      ? { file: relativeTo(request.root, running.file), name: running.path.join(' > '), elapsedMs: now - running.since }
      : null,
  };
}
