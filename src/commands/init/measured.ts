import { measure } from '../../engine/measure.ts';
import { judge } from '../../gate/judge.ts';
import type { FindingOf, Verdict } from '../../model/finding.ts';
import type { Gate, Policy } from '../../model/policy.ts';
import type { TestRun } from '../../model/test-run.ts';
import type { SuitePlan } from '../../runners/plan.ts';
import { today } from '../../system/clock.ts';
import type { Io } from '../../system/io.ts';
import { confirm, isCi, suiteOf } from '../check.ts';
import { openMemory } from '../memory.ts';
import { openSuite, type Project } from '../project.ts';
import { openScreen, type ScreenOptions } from '../screen.ts';

/** What one run of the suite showed of a project that has no policy yet. */
export type Measured = {
  readonly project: Project;
  readonly plan: SuitePlan;
  readonly run: TestRun;
  /** Tests over the slow limit, after they were tried alone, without those the allowlist names. */
  readonly slow: readonly FindingOf<'new-slow-test'>[];
  readonly skipsWithoutReason: number;
};

/**
 * Runs the suite once, with coverage, and confirms what failed or was slow. When tests fail or the run proves nothing, that is shown and its
 * exit code returned instead: nothing is set up on such a run.
 */
export async function measureStart(io: Io, options: ScreenOptions, keep: boolean): Promise<Measured | { readonly exitCode: number }> {
  const { project, plan } = await openSuite(io, {});
  const screen = await openScreen(io, options, { project, plan, gates: ['tests'] });
  const suite = suiteOf(io, options, project, plan, screen);
  const { policy } = project;
  const context = { today: today(), ci: isCi(io.env), passOnUnpruned: true };
  const judged = (run: TestRun, gates: readonly Gate[], skipNeedsReason: boolean): Verdict =>
    judge(run, withoutLimits(policy, skipNeedsReason), { checkpoint: null }, { gates, ...context });
  try {
    const measured = await measure(suite, true);
    const run = await confirm(measured, judged(measured, ['slow'], false), { ...suite, passThrough: null }, policy, screen);
    const verdict = judged(run, ['coverage', 'tests'], false);
    if (verdict.exitCode !== 0) {
      screen.show(verdict, []);
      return { exitCode: verdict.exitCode };
    }
    if (keep) await (await openMemory(io, project.root)).remember(verdict, ['tests']);
    const { findings } = judged(run, ['slow', 'tests'], true);
    const slow = findings.filter((finding) => finding.code === 'new-slow-test');
    return { project, plan, run, slow, skipsWithoutReason: findings.filter(({ code }) => code === 'skip-without-reason').length };
  } finally {
    screen.close();
  }
}

/** The policy without a limit of coverage, since that is what is looked for: that something was measured is judged all the same. */
function withoutLimits(policy: Policy, skipNeedsReason: boolean): Policy {
  const none = { floor: {}, baseline: {}, target: {}, perFile: {}, overrides: [], maxDrop: null, changed: null };
  return { ...policy, coverage: { ...policy.coverage, ...none }, tests: { ...policy.tests, skipNeedsReason } };
}
