import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { PushgateError } from '../../model/error.ts';
import type { RawSlice, TestRun, Unproven } from '../../model/test-run.ts';
import { activeMs } from '../../system/clock.ts';
import { makeDir } from '../../system/temp.ts';
import type { Step } from '../plan.ts';
import type { MeasureRequest, Runner } from '../runner.ts';
import { assemble, relativeTo, type Remains } from './assemble.ts';
import { isInProcess, workersOf } from './command.ts';
import { openEventLog } from './events.ts';
import { openRecords, readSourceMaps } from './records.ts';
import { inRunDir } from './run-dir.ts';
import { runSetup, runTests, type StepContext, type StepResult } from './run-step.ts';
import { openCoverage, type CoverageOfRun } from './v8/coverage-of-run.ts';

const POLL_MS = 250;

/** Runs `node:test` suites. */
export const nodeTestRunner: Runner = { name: 'node:test', measure };

function measure(request: MeasureRequest): Promise<TestRun> {
  return inRunDir((runDir) => measureIn(runDir, request));
}

async function measureIn(runDir: string, asked: MeasureRequest): Promise<TestRun> {
  const log = openEventLog();
  const records = openRecords(runDir, log);
  const rawDir = asked.coverage === null ? null : makeDir(runDir, 'raw');
  const started = activeMs();
  const leftMs = (): number => asked.timeoutMs - (activeMs() - started);
  let steps = asked.plan.steps;
  const poll = (): void => {
    records.poll();
    asked.onProgress(progressOf(log, steps, asked, activeMs() - started));
  };
  const timer = setInterval(() => attempt(poll), POLL_MS);
  try {
    const setups = asked.only === null ? leadingSetups(steps) : [];
    const built = await runSteps(setups, { request: asked, runDir, rawDir: null, leftMs });
    // What is built may be the tests themselves: only now it is known which there are.
    const request = { ...asked, plan: await asked.plan.afterSetup() };
    steps = built.some(hasFailed) ? [] : stepsToRun(request, setups.length);
    // The suite first: c8 loads while it starts.
    const running = runSteps(steps, { request, runDir, rawDir, leftMs });
    const [ran, opened] = await Promise.allSettled([running, openCoverageOf(request, rawDir)]);
    poll();
    const [tested, coverage] = [valueOf(ran), valueOf(opened)];
    const results = [...built, ...tested];
    const remains = remainsOf(request, steps, { log, records, results, runDir });
    return await runOf(request, steps, results, { ...remains, coverage: coverage?.finish() ?? null }, coverage);
  } finally {
    clearInterval(timer);
  }
}

/** What has to run before it is known which tests there are. */
function leadingSetups(steps: readonly Step[]): readonly Step[] {
  const first = steps.findIndex((step) => step.kind !== 'setup');
  return first < 0 ? steps : steps.slice(0, first);
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

async function openCoverageOf({ root, plan, coverage }: MeasureRequest, dir: string | null): Promise<CoverageOfRun | null> {
  return coverage === null || dir === null ? null : openCoverage({ root, dir, ...coverage, testFiles: plan.testFiles });
}

/** What keeps failing fails again at the end, where it can be told; thrown from a timer it would end the process. */
function attempt(poll: () => void): void {
  try {
    poll();
  } catch {
    // See above.
  }
}

type StepRun = { readonly step: Step; readonly result: StepResult };

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
    if (signal.aborted)
      throw new PushgateError(128 + signalNumber(String(signal.reason)), `Stopped by ${String(signal.reason)}; nothing was judged.`);
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

const signalNumber = (name: string): number => ({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })[name] ?? 15;

/** Files of a step that run in processes of their own, relative to the root. */
function filesOf(step: Step, root: string): string[] {
  return step.kind === 'node-test' && !isInProcess(step) ? step.files.map((file) => relativeTo(root, join(step.cwd, file))) : [];
}

/**
 * A command that a signal ended, or that ended before it began with a single file (a flag this Node does not know), is told once, with what
 * it printed, and not also as the files it left undone.
 */
function died({ step, result }: StepRun, { root, log }: Remains): boolean {
  if (result.code === 0 || result.timedOut) return false;
  if (result.signal !== null) return true;
  const begun = new Set([...log.filesStarted.keys()].map((file) => relativeTo(root, file)));
  const files = filesOf(step, root);
  return files.length > 0 && !files.some((file) => begun.has(file));
}

function remainsOf(
  request: MeasureRequest,
  steps: readonly Step[],
  seen: { log: Remains['log']; records: ReturnType<typeof openRecords>; results: readonly StepRun[]; runDir: string },
): Omit<Remains, 'coverage'> {
  const own = steps.flatMap((step) => filesOf(step, request.root));
  return {
    root: request.root,
    expected: request.only === null ? [...new Set(own)] : own.filter((file) => file === request.only?.file),
    log: seen.log,
    processes: seen.records.processes,
    sourceMaps: readSourceMaps(seen.runDir),
    timedOut: seen.results.some(({ result }) => result.timedOut),
  };
}

async function runOf(
  request: MeasureRequest,
  steps: readonly Step[],
  results: readonly StepRun[],
  remains: Remains,
  coverage: CoverageOfRun | null,
): Promise<TestRun> {
  const { files, shared, lost, unproven } = assemble(remains);
  const tests = results.filter(({ step }) => step.kind !== 'setup');
  const cpu = tests.map(({ result }) => result.cpuMs);
  const slices: RawSlice[] = [...shared, ...files.flatMap((file) => file.raw)];
  const dead = results.filter((each) => died(each, remains));
  const filesOfDead = new Set(dead.flatMap(({ step }) => filesOf(step, request.root)));
  const told = unproven.filter((each) => each.kind !== 'file-missing' || !filesOfDead.has(each.file));
  const failed = files.some((file) => file.tests.some((test) => test.outcome === 'failed'));
  const explained = (each: StepRun): boolean => !dead.includes(each) && (failed || told.length > 0);
  return {
    runner: nodeTestRunner.name,
    mode: 'full',
    instrumented: coverage !== null,
    wallMs: tests.reduce((sum, { result }) => sum + result.wallMs, 0),
    cpuMs: cpu.includes(null) ? null : cpu.reduce<number>((sum, ms) => sum + (ms ?? 0), 0),
    workers: Math.max(1, ...steps.map((step) => workersOf(step, availableParallelism()))),
    files,
    shared,
    coverage: coverage === null || request.only !== null ? null : await coverage.convert(slices),
    lost,
    unproven: [...told, ...missingEvidence(request, results, remains, explained)],
    bareWallMs: null,
    unconfirmed: { slow: 0, failed: 0 },
  };
}

/** What the endings of the steps say: nothing to run, a failed build, a passed deadline, a crash that no failed test explains. */
function missingEvidence(
  request: MeasureRequest,
  results: readonly StepRun[],
  remains: Remains,
  explained: (run: StepRun) => boolean,
): Unproven[] {
  const missing: Unproven[] = [];
  for (const each of results) {
    const { step, result } = each;
    const command = step.kind === 'setup' || step.kind === 'observed' ? step.command : request.plan.command;
    if (step.kind === 'node-test' && step.files.length === 0) missing.push({ kind: 'no-test-files', searched: request.plan.command });
    else if (result.timedOut) missing.push({ kind: 'timed-out', timeoutMs: request.timeoutMs, running: runningOf(remains) });
    else if (step.kind === 'setup' && result.code !== 0)
      missing.push({ kind: 'setup-failed', command, exitCode: result.code, output: result.output });
    else if (step.kind !== 'setup' && result.code !== 0 && !explained(each)) {
      missing.push({ kind: 'runner-crashed', command, exitCode: result.code, signal: result.signal, output: result.output });
    }
  }
  const noneDelivered = remains.coverage !== null && remains.coverage.delivered.size === 0;
  return noneDelivered && missing.length === 0 ? [{ kind: 'no-coverage' }] : missing;
}

function runningOf(remains: Remains): { file: string; name: string; elapsedMs: number }[] {
  const tests = remains.log
    .running()
    .map((test) => ({ file: relativeTo(remains.root, test.file), name: test.path.join(' > '), elapsedMs: Date.now() - test.since }));
  if (tests.length > 0) return tests;
  const started = [...remains.log.filesStarted].filter(([file]) => !remains.log.files.has(file));
  return started.map(([file, since]) => ({ file: relativeTo(remains.root, file), name: '', elapsedMs: Date.now() - since }));
}

function progressOf(
  log: Remains['log'],
  steps: readonly Step[],
  request: MeasureRequest,
  elapsedMs: number,
): Parameters<MeasureRequest['onProgress']>[0] {
  const now = Date.now();
  const running = log.running().toSorted((a, b) => a.since - b.since)[0];
  return {
    elapsedMs,
    filesDone: log.files.size,
    filesTotal: steps.reduce((sum, step) => sum + (step.kind === 'node-test' ? step.files.length : 0), 0),
    testsDone: log.testsDone,
    failed: log.failed,
    slowest: running
      ? { file: relativeTo(request.root, running.file), name: running.path.join(' > '), elapsedMs: now - running.since }
      : null,
  };
}
