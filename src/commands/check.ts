import { confirmFailed, confirmSlow } from '../engine/confirm.ts';
import { measure, runnerAlone, runnerTraced, type Suite } from '../engine/measure.ts';
import { budgetCanChange } from '../gate/budget.ts';
import { judge, type JudgeContext } from '../gate/judge.ts';
import { suspectsOf, tooMany } from '../gate/suspects.ts';
import type { Past } from '../model/checkpoint.ts';
import { EXIT } from '../model/error.ts';
import type { Verdict } from '../model/finding.ts';
import { ALL_GATES, type Gate, type Policy } from '../model/policy.ts';
import { testsOf, type TestRun } from '../model/test-run.ts';
import type { SuitePlan } from '../runners/plan.ts';
import { today } from '../system/clock.ts';
import { keepHeapSmall } from '../system/heap.ts';
import type { Io } from '../system/io.ts';
import { missesTime, openCalibration } from './calibrate.ts';
import { openSuite, type Project, type ProjectOptions } from './project.ts';
import { openScreen, showStamped, type Screen, type ScreenOptions } from './screen.ts';

export type CheckOptions = ProjectOptions &
  ScreenOptions & {
    /** The gates to judge; all by default. */
    readonly gates?: readonly Gate[] | undefined;
    /** Allowlist entries that are no longer needed are noted, not failed. */
    readonly passOnUnpruned?: boolean | undefined;
    /** False runs the suite also when exactly the same has passed before. */
    readonly stamp?: boolean | undefined;
    /** Runs every test file, whatever is kept of earlier runs. */
    readonly full?: boolean | undefined;
    /** Reuses what is kept also where everything would run: in CI. */
    readonly incremental?: boolean | undefined;
    /** Runs incrementally and in full, and holds the two against each other. */
    readonly verify?: boolean | undefined;
    /** How many test files that need not run are run all the same, to see whether that is so. */
    readonly verifySample?: number | undefined;
    /** A projection near the budget is measured instead of told. */
    readonly measuresNear?: boolean | undefined;
  };

/** What a run is compared with, and what is done with a verdict before it is shown; that may throw, or give warnings. */
export type Occasion = {
  readonly past: Past;
  /** The folder in which file runs are kept; null where nothing is. */
  readonly keepDir: string | null;
  readonly settle: (verdict: Verdict, suite: { project: Project; plan: SuitePlan; gates: readonly Gate[] }) => Promise<string[]>;
};

/**
 * Judges the project as it stands, unless exactly that has passed before and no run was asked for. Returns the exit code; what ends without a
 * verdict throws a `PushgateError`.
 */
export async function check(io: Io, options: CheckOptions): Promise<number> {
  const { openOccasion } = await import('./push/occasion.ts');
  const { stamp, loaded, ...occasion } = await openOccasion(io, options);
  const wantsRun = options.full === true || options.verify === true || options.verifySample !== undefined;
  if (stamp !== null && !wantsRun) {
    showStamped(io, options, stamp, loaded);
    return stamp.verdict.exitCode;
  }
  return judgeSuite(io, options, occasion);
}

/**
 * Runs the suite once and judges it: measure, judge, confirm what would fail, explain what is slow, judge again, store, render. Returns the
 * exit code.
 */
export async function judgeSuite(io: Io, options: CheckOptions, { past, settle, keepDir }: Occasion): Promise<number> {
  keepHeapSmall(io.nodeVersion);
  const { project, plan } = await openSuite(io, options);
  const gates = options.gates ?? ALL_GATES;
  const context: JudgeContext = { gates, today: today(), ci: isCi(io.env), passOnUnpruned: options.passOnUnpruned === true };
  const screen = await openScreen(io, options, { project, plan, gates });

  const suite = suiteOf(io, options, project, plan, screen);
  const verdictOf = onceEach((run: TestRun) => judge(run, project.policy, past, context));
  try {
    const { measureSuite } = await import('./measured.ts');
    const { run: measured, keep } = await measureSuite(io, suite, { options, project, gates, keepDir, phase: screen.phase });
    const tried = async (): Promise<TestRun> =>
      confirm(measured, verdictOf(measured), { ...suite, passThrough: null }, project.policy, screen);
    const confirmed = missesTime(verdictOf(measured)) ? await calibrated(io, past, tried, verdictOf) : await tried();
    const verdict = verdictOf(await explain(confirmed, verdictOf(confirmed), { ...suite, passThrough: null }, screen));
    const warnings = [...(await settle(verdict, { project, plan, gates })), ...(await keep(confirmed))];
    screen.show(verdict, warnings);
    return verdict.exitCode;
  } finally {
    screen.close();
  }
}

/** Most runs come out of every step as they went in: they are judged once. */
function onceEach<Value>(judged: (run: TestRun) => Value): (run: TestRun) => Value {
  const known = new WeakMap<TestRun, Value>();
  return (run) => {
    const value = known.get(run) ?? judged(run);
    known.set(run, value);
    return value;
  };
}

/** Confirms what misses a limit of time, and tells what the machine had to do with it where it still does. */
async function calibrated(io: Io, past: Past, tried: () => Promise<TestRun>, verdictOf: (run: TestRun) => Verdict): Promise<TestRun> {
  const calibration = await openCalibration(io, past);
  const confirmed = await tried();
  return missesTime(verdictOf(confirmed)) ? { ...confirmed, machine: await calibration.after() } : confirmed;
}

/** The suite of a project, as a command runs it. */
export function suiteOf(
  io: Io,
  options: ScreenOptions,
  project: Project,
  plan: SuitePlan,
  { onProgress, onNotice }: Pick<Suite, 'onProgress' | 'onNotice'>,
): Suite {
  // Nothing more of it: what is kept of a run goes by what was measured, not by the limits it was held against.
  const { include, exclude } = project.config.coverage;
  return {
    root: project.root,
    plan,
    coverage: { include, exclude },
    turbo: project.config.run.turbo === 'auto',
    timeoutMs: project.config.run.timeoutMs,
    env: io.env,
    passThrough: options.verbose !== true ? null : options.json === true ? 2 : 1,
    signal: io.signal,
    onProgress,
    onNotice,
  };
}

/** Tries again what would fail: failed tests, slow tests, a suite over its budget. What passes or has no verdict (exit 3) is left as it is. */
export async function confirm(run: TestRun, verdict: Verdict, suite: Suite, policy: Policy, screen: Screen): Promise<TestRun> {
  if (run.unproven.length > 0 || verdict.exitCode === EXIT.passed) return run;
  const alone = runnerAlone({ ...suite, onProgress: screen.phase('Confirming: what failed or was slow runs again, alone') });
  const { failed } = suspectsOf(run, policy);
  const unconfirmedFailed = tooMany(failed) ? failed.length : 0;
  const afterFailed = unconfirmedFailed > 0 ? run : await confirmFailed(run, failed, alone);

  const judgesTime = verdict.findings.some((finding) => finding.code === 'new-slow-test' || finding.code === 'known-slow-over-ceiling');
  const slow = judgesTime ? suspectsOf(afterFailed, policy).slow : [];
  const unconfirmedSlow = tooMany(slow) ? slow.length : 0;
  const afterSlow = unconfirmedSlow > 0 ? afterFailed : await confirmSlow(afterFailed, slow, alone);

  const overBudget = verdict.findings.some((finding) => finding.code === 'suite-budget') && budgetCanChange(run, policy);
  const bare = overBudget
    ? await bareTime({ ...suite, onProgress: screen.phase('Confirming: the suite runs again, without coverage') })
    : NOT_BARE;
  return { ...afterSlow, ...bare, unconfirmed: { slow: unconfirmedSlow, failed: unconfirmedFailed } };
}

/** Finds out where the time of the slowest new slow tests goes. Their verdict stands already: this only informs. */
async function explain(run: TestRun, verdict: Verdict, suite: Suite, screen: Screen): Promise<TestRun> {
  const slow = verdict.findings.filter((finding) => finding.code === 'new-slow-test').map(({ test }) => test);
  if (slow.length === 0 || verdict.exitCode !== EXIT.failed) return run;
  const { explainSlow } = await import('../engine/explain.ts');
  const onProgress = screen.phase('Explaining: where the time of what is newly slow goes');
  return explainSlow(run, slow, runnerTraced({ ...suite, onProgress }, false), suite.signal);
}

type BareTime = Pick<TestRun, 'bareWallMs' | 'bareCpuMs'>;

const NOT_BARE: BareTime = { bareWallMs: null };

/** Time of the suite without coverage; none when that run did not reach its end, or may have been short because tests failed. */
async function bareTime(suite: Suite): Promise<BareTime> {
  const bare = await measure(suite, false);
  const whole = bare.unproven.length === 0 && !testsOf(bare).some((test) => test.outcome === 'failed');
  return whole ? { bareWallMs: bare.wallMs, bareCpuMs: bare.cpuMs } : NOT_BARE;
}

/** CI systems set `CI`; a person who sets it to `false` or `0` means no. */
export function isCi(env: Io['env']): boolean {
  const value = env['CI'] ?? '';
  return value !== '' && value !== '0' && value !== 'false';
}
