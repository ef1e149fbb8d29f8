import { dirname, join, resolve } from 'node:path';
import { measure, type Suite } from '../engine/measure.ts';
import { repeat } from '../engine/repeat.ts';
import { judge } from '../gate/judge.ts';
import { auditOf, timedOf, type WorkerTrial } from '../insight/audit.ts';
import { spendingOf } from '../insight/spending.ts';
import { steadinessOf, withFlakes, type Steadiness } from '../insight/steadiness.ts';
import type { Past } from '../model/checkpoint.ts';
import { EXIT, usageError } from '../model/error.ts';
import type { Verdict } from '../model/finding.ts';
import type { Policy } from '../model/policy.ts';
import type { TestRun } from '../model/test-run.ts';
import type { SuitePlan } from '../runners/plan.ts';
import { saveFlicker } from '../store/flicker.ts';
import { today } from '../system/clock.ts';
import { exists, writeText } from '../system/files.ts';
import type { Io } from '../system/io.ts';
import { lookAt } from './audit/look.ts';
import { plansFor, tryWorkers } from './audit/workers.ts';
import { isCi, suiteOf } from './check.ts';
import { openMemory } from './memory.ts';
import { openSuite, type ProjectOptions } from './project.ts';
import { openScreen, type Screen, type ScreenOptions } from './screen.ts';

export type AuditOptions = ProjectOptions &
  ScreenOptions & {
    readonly repeat?: number | undefined;
    readonly top?: number | undefined;
    /** Runs the suite under coverage: repeated runs then show which lines flicker. */
    readonly coverage?: boolean | undefined;
    /** False leaves out the traced runs that tell where the time of the slowest tests goes. */
    readonly explain?: boolean | undefined;
    /** Numbers of workers to run the suite on. */
    readonly workers?: readonly number[] | undefined;
    /** A file to write the audit to as one HTML page. */
    readonly html?: string | undefined;
  };

const TOP = 10;

/**
 * Measures the suite, once or several times, and shows where its time goes and what is unsteady about it. It judges nothing but what it needs
 * to be true: failed tests end it with 1, flaky ones as `tests.flaky` says, a suite that did not run to its end with 3.
 */
export async function audit(io: Io, options: AuditOptions): Promise<number> {
  const page = pageOf(io, options.html);
  const { project, plan } = await openSuite(io, options);
  const plans = plansFor(plan, [...new Set(options.workers)]);
  const screen = await openScreen(io, options, { project, plan, gates: [] });
  const suite = suiteOf(io, options, project, plan, screen);
  const instrumented = options.coverage === true;
  try {
    const { runs, spread } = await repeat(options.repeat ?? 1, async () => withoutRaw(await measure(suite, instrumented)));
    const { dirs, flakes, remember } = await openMemory(io, project.root);
    const verdict = verdictOf(runs, project.policy, { flakes, ci: isCi(io.env) });
    const warnings = await remember(verdict, []);
    if (verdict.exitCode === EXIT.unproven) {
      screen.show(verdict, warnings);
      return verdict.exitCode;
    }
    const steadiness = steadinessOf(runs);
    warnings.push(...(await noteFlicker(dirs.shared, runs, steadiness)));
    const timed = timedOf(runs, project.policy);
    const { looked, trials } = await askFurther(timed, { ...suite, passThrough: null }, { options, plans, screen });
    const audited = {
      audit: auditOf(runs, project.policy, options.top ?? TOP),
      spread,
      spending: spendingOf(timed, looked),
      looked: options.explain === false ? null : looked,
      steadiness,
      trials,
      verdict,
    };
    if (page !== null) await writePage(page, screen.auditPage(audited));
    screen.showAudit(audited, warnings);
    return verdict.exitCode;
  } finally {
    screen.close();
  }
}

/** Raw coverage is not needed once it is converted, and that of several runs is much. */
function withoutRaw(run: TestRun): TestRun {
  return { ...run, shared: [], files: run.files.map((file) => ({ ...file, raw: [] })) };
}

/** Lines that ran in some of the runs only are no drop of coverage in a later verdict. */
async function noteFlicker(dir: string, runs: readonly TestRun[], { flicker }: Steadiness): Promise<string[]> {
  if (flicker === null) return [];
  const measured = new Set(runs.flatMap(({ coverage }) => coverage?.files ?? []).map(({ file }) => file));
  const warning = await saveFlicker(dir, measured, flicker);
  return warning === null ? [] : [warning];
}

/** The verdict on all runs as one: a test that failed in some of them is flaky. One without evidence is the verdict. */
function verdictOf(runs: readonly TestRun[], policy: Policy, { flakes, ci }: Required<Pick<Past, 'flakes'>> & { ci: boolean }): Verdict {
  const context = { gates: ['tests'], today: today(), ci, passOnUnpruned: true } as const;
  // Skips are the check's business.
  const only: Policy = { ...policy, tests: { ...policy.tests, skipNeedsReason: false } };
  const judged = (run: TestRun): Verdict => judge(run, only, { checkpoint: null, flakes }, context);
  const stopped = runs.map(judged).find((verdict) => verdict.exitCode === EXIT.unproven);
  return stopped ?? judged(withFlakes(runs));
}

/** More runs, after those that were measured: of the slowest tests alone, and of the suite on other numbers of workers. */
async function askFurther(
  timed: ReturnType<typeof timedOf>,
  suite: Suite,
  { options, plans, screen }: { options: AuditOptions; plans: ReadonlyMap<number, SuitePlan>; screen: Screen },
): Promise<{ looked: Awaited<ReturnType<typeof lookAt>>; trials: WorkerTrial[] }> {
  const instrumented = options.coverage === true;
  const explaining = { ...suite, onProgress: screen.phase('Explaining: where the time of the slowest tests goes') };
  const looked = options.explain === false ? [] : await lookAt(timed, explaining, instrumented);
  return { looked, trials: await tryWorkers(suite, plans, { instrumented, phase: screen.phase }) };
}

/** Where the page goes; that it can go there is better known before the suite runs. */
function pageOf(io: Io, file: string | undefined): string | null {
  if (file === undefined) return null;
  const path = resolve(io.cwd, file);
  if (file === '' || exists(join(path, '.'))) throw usageError(`--html takes the name of a file, not '${file}'.`);
  if (!exists(dirname(path))) throw usageError(`--html cannot write '${file}': there is no such folder.`);
  return path;
}

async function writePage(path: string, text: string): Promise<void> {
  try {
    await writeText(path, text);
  } catch (error) {
    throw usageError(`--html cannot write '${path}': ${(error as Error).message}`);
  }
}
