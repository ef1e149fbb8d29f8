import { runnerTraced } from '../engine/measure.ts';
import { tracedTests, type RunTraced } from '../engine/explain.ts';
import { nearest } from '../formats/did-you-mean.ts';
import { judge } from '../gate/judge.ts';
import { explained } from '../insight/cause.ts';
import { EXIT, PushgateError, unprovenError, usageError } from '../model/error.ts';
import type { Verdict } from '../model/finding.ts';
import { isWholeFile, testKey, testsOf, type Test, type TestRun } from '../model/test-run.ts';
import type { Explained, ExplainedTest } from '../report/explain.ts';
import type { SuitePlan } from '../runners/plan.ts';
import { jsonText, SCHEMA_VERSION } from '../report/json.ts';
import { clean } from '../report/units.ts';
import { loadLastRun } from '../store/last-run.ts';
import { storeDirs } from '../store/store-dir.ts';
import { today } from '../system/clock.ts';
import type { Io } from '../system/io.ts';
import { isCi, suiteOf } from './check.ts';
import { explainableCodes, sectionOf } from './explain/section.ts';
import { findTarget, testAround, type Target } from './explain/target.ts';
import { openSuite, type ProjectOptions } from './project.ts';
import { openScreen, type ScreenOptions } from './screen.ts';

export type ExplainOptions = ProjectOptions & ScreenOptions & { readonly targets?: readonly string[] | undefined };

/**
 * Runs a test, or the tests of a file, with the tracer and shows where their time goes; or prints what the README says about a finding code.
 * Throws a usage error for what cannot be found. Returns the exit code: failed tests end it with 1, a run without evidence with 3.
 */
export async function explain(io: Io, options: ExplainOptions): Promise<number> {
  const [text = '', ...more] = options.targets ?? [];
  if (more.length > 0) throw usageError('One test at a time.', 'Put a title that holds spaces in quotes.');
  if (text.trim() === '')
    throw usageError('Nothing is named to explain.', 'pushgate explain <file:line>, <file>, <part of a title>, or the code of a finding');
  const section = sectionOf(text);
  if (section === null) return explainTest(io, options, text);
  io.stdout.write(
    options.json === true
      ? jsonText({ schemaVersion: SCHEMA_VERSION, outcome: 'pass', exitCode: EXIT.passed, code: text, text: section, error: null })
      : section,
  );
  return EXIT.passed;
}

async function explainTest(io: Io, options: ExplainOptions, text: string): Promise<number> {
  const { project, plan } = await openSuite(io, options);
  const last = loadLastRun((await storeDirs(project.root)).worktree)?.run ?? null;
  const target = orCode(text, () => findTarget(text, { cwd: io.cwd, root: project.root, last }));
  const screen = await openScreen(io, options, { project, plan, gates: [] });
  const onProgress = screen.phase(`Explaining: ${clean(target.test?.name ?? target.file)} runs alone`);
  const suite = {
    ...suiteOf(io, options, project, plan, { onProgress, onNotice: screen.onNotice }),
    timeoutMs: project.config.run.timeoutMs,
  };
  try {
    const { run, only } = await runTarget(target, text, (withSetup) => runnerTraced(suite, withSetup), suite.timeoutMs);
    if (run.files.length === 0 && run.unproven.length === 0) throw untraced(target.file, run, plan);
    const verdict = judge(run, project.policy, { checkpoint: null }, { gates: [], today: today(), ci: isCi(io.env), passOnUnpruned: true });
    if (verdict.exitCode === EXIT.unproven) screen.show(verdict, []);
    else screen.showExplained(explainedOf(target.file, only, { run, verdict, last, plan }));
    return verdict.exitCode;
  } finally {
    screen.close();
  }
}

/** A mistyped code is told from a mistyped test by what is near. */
function orCode(text: string, find: () => Target): Target {
  try {
    return find();
  } catch (error) {
    const near = nearest(text, explainableCodes());
    if (!(error instanceof PushgateError) || near === null) throw error;
    throw usageError(error.message, ...error.advice, `Did you mean the finding ${near}?`);
  }
}

/** Runs what is meant. A line that no known test begins on is found by running its file, and then the test alone. */
async function runTarget(
  { file, test, line }: Target,
  text: string,
  traced: (withSetup: boolean) => RunTraced,
  timeoutMs: number,
): Promise<{ run: TestRun; only: Test | null }> {
  const run = await traced(true)(file, test === null ? [] : [test], timeoutMs);
  if (line === null || run.unproven.length > 0) return { run, only: test };
  const ran = testsOf(run).filter((each) => each.file === file && !isWholeFile(each) && each.outcome !== 'skipped');
  // The line may have moved since the last run; what ran is then another test, or none.
  if (test !== null && ran.some((each) => each.name === test.name && each.line === line)) return { run, only: test };
  const all = test === null ? { run, ran } : await wholeFile(file, traced, timeoutMs);
  const meant = testAround(all.ran, line, text);
  return { run: await traced(false)(file, [meant], timeoutMs), only: meant };
}

async function wholeFile(
  file: string,
  traced: (withSetup: boolean) => RunTraced,
  timeoutMs: number,
): Promise<{ run: TestRun; ran: Test[] }> {
  const run = await traced(false)(file, [], timeoutMs);
  return { run, ran: testsOf(run).filter((each) => each.file === file && !isWholeFile(each)) };
}

/** Puts traces, tests and the times of the last run together. */
function explainedOf(
  file: string,
  only: Test | null,
  { run, verdict, last, plan }: { run: TestRun; verdict: Verdict; last: TestRun | null; plan: SuitePlan },
): Explained {
  const suiteMs = new Map((last === null ? [] : testsOf(last)).map((test) => [testKey(test), test.attempts[0]?.durationMs ?? null]));
  const tests = tracedTests(run)
    .filter(({ test }) => (only === null ? isOf(file, test, plan) : test.name === only.name))
    .map(({ test, trace }): ExplainedTest => {
      const before = suiteMs.get(testKey(test)) ?? null;
      return { test, suiteMs: before, explanation: explained(trace, before) };
    })
    .toSorted((a, b) => b.explanation.wallMs - a.explanation.wallMs);
  if (tests.length === 0) throw untraced(file, run, plan);
  const around = run.traces?.find((each) => each.file === file) ?? null;
  return {
    file,
    only,
    tests: only === null ? tests : tests.slice(0, 1),
    load: around?.load ?? null,
    after: around?.after ?? null,
    verdict,
  };
}

/** Whether a test belongs to a file: it stands in it, or the file is the script that loads all others. */
function isOf(file: string, test: Test, plan: SuitePlan): boolean {
  return test.file === file || plan.steps.some((step) => step.kind === 'node-script' && step.script.replace(/^\.\//, '') === file);
}

function untraced(file: string, run: TestRun, { command, from }: SuitePlan): PushgateError {
  if (!testsOf(run).some((test) => test.file === file))
    return usageError(
      `No test of ${clean(file)} ran: ${clean(command)} (${clean(from)}) may not run that file, or it holds none.`,
      'Name a test file of the suite.',
    );
  return unprovenError(`The process of ${clean(file)} left no trace.`, 'One that is killed, or ends before its tests do, leaves none.');
}
