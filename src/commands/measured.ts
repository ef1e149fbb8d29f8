import { pathToFileURL } from 'node:url';
import { openIncremental, type Incremental, type Keeping } from '../engine/incremental.ts';
import { measure, measureAgain, type Suite } from '../engine/measure.ts';
import { matcher } from '../formats/globs.ts';
import { isNearBudget, isOverBudget, nearBudgetMs } from '../gate/budget.ts';
import { overItsLimit } from '../gate/suspects.ts';
import { differenceOf, repeatDifference, type Difference } from '../insight/difference.ts';
import { unprovenError } from '../model/error.ts';
import type { Gate } from '../model/policy.ts';
import type { TestRun } from '../model/test-run.ts';
import { differenceText, reasonLines, unlikeLines } from '../report/reasons.ts';
import { plural } from '../report/units.ts';
import { dropFileRuns } from '../store/file-runs.ts';
import { withoutGitVariables } from '../system/git.ts';
import type { Io } from '../system/io.ts';
import { openRepository } from '../system/repository.ts';
import { version } from '../version.ts';
import { isCi, type CheckOptions } from './check.ts';
import type { Project } from './project.ts';
import type { Screen } from './screen.ts';

/** The run of a suite, and how to keep it once its failures are confirmed; that gives warnings. */
export type Measured = { readonly run: TestRun; readonly keep: (confirmed: TestRun) => Promise<readonly string[]> };

export type How = {
  readonly options: CheckOptions;
  readonly project: Project;
  readonly gates: readonly Gate[];
  readonly keepDir: string | null;
  readonly phase: Screen['phase'];
};

/**
 * Runs what has to run of a suite. Everything runs when nothing is kept, in CI, when it is asked for, when a sampled file came out otherwise
 * than it was kept, and when a push is projected near its budget. Throws (exit 3) when `--verify` finds a difference.
 */
export async function measureSuite(io: Io, suite: Suite, how: How): Promise<Measured> {
  const instrumented = how.gates.includes('coverage');
  const keeping = instrumented ? await keepingOf(io, how) : null;
  const verifies = how.options.verify === true;
  if (keeping === null) {
    if (verifies) io.stderr.write('! Nothing is kept of a suite outside a git repository: there is nothing to compare a full run with.\n');
    return { run: await measure(suite, instrumented), keep: async () => [] };
  }
  const all = (why: string | null): Promise<Measured> => {
    if (why !== null) io.stderr.write(`ℹ ${why}\n`);
    const silent = why === null ? suite : { ...suite, onProgress: how.phase('Running every test file') };
    return ran(silent, { ...keeping, reuses: false, sample: 0 });
  };
  const first = await ran(suite, keeping);
  const nearness = first.incremental.nearness();
  if (nearness !== null) io.stderr.write(`ℹ The last full run was ${nearness} the budget: every test file has run.\n`);
  if (verifies && first.run.mode !== 'incremental')
    io.stderr.write('! Every test file has run, since nothing kept could be taken over: there was nothing to compare a full run with.\n');
  if (verifies && first.run.mode === 'incremental') {
    for (const line of reasonLines(first.run, how.options.why === true)) io.stderr.write(`${line}\n`);
    const full = await all('Verifying: every test file runs.');
    const once = (): Promise<Measured> => all('They differ: every test file runs once more, to tell chance from what was taken over.');
    const same = await verified(first.incremental.withRaw(first.run), full, keeping, once);
    io.stderr.write(`ℹ ${agreedText(same.run)}\n`);
    return same;
  }
  const top = pathToFileURL(`${how.project.root}/`).href;
  const unlike = first.incremental.sampled().flatMap((kept) => {
    const again = first.run.files.find((file) => file.file === kept.file);
    const difference = again === undefined ? null : repeatDifference(kept, again, top);
    return difference === null ? [] : [{ file: kept.file, difference }];
  })[0];
  if (unlike !== undefined) {
    dropFileRuns(keeping.dir);
    for (const line of unlikeLines(unlike.file, unlike.difference)) io.stderr.write(`${line}\n`);
    if (first.run.mode === 'incremental') return all('Every test file runs.');
  }
  const isNear = how.options.measuresNear === true && isNearBudget(first.run, how.project.policy);
  return isNear ? all('The suite is projected near its budget: every test file runs.') : first;
}

async function ran(suite: Suite, keeping: Keeping): Promise<Measured & { readonly incremental: Incremental }> {
  const incremental = openIncremental(suite, keeping);
  const run = incremental.completed(await measureAgain(suite, incremental));
  return { run, keep: incremental.keep, incremental };
}

/** Null where nothing can be kept: outside a repository. */
async function keepingOf(io: Io, { options, project, keepDir }: How): Promise<Keeping | null> {
  if (keepDir === null) return null;
  // In a private copy git's own variables would lead to the user's checkout.
  const repo = await openRepository(project.root, withoutGitVariables(io.env));
  if (repo === null || repo.top === null) return null;
  const reuses = options.full !== true && (!isCi(io.env) || options.incremental === true || options.verify === true);
  const { run: settings } = project.config;
  return {
    dir: keepDir,
    repo,
    reuses,
    nearMs: options.measuresNear === true ? nearBudgetMs(project.policy) : Infinity,
    sample: options.verifySample ?? 0,
    settings,
    isInput: matcher(settings.inputs),
    isAlways: matcher(settings.always),
    isSlow: overItsLimit(project.policy),
    isOver: (run) => isOverBudget(run, project.policy),
    version: version(),
    nodeVersion: io.nodeVersion,
  };
}

/** What a full run that was compared with an incremental one shows; one that proves nothing was not compared. */
function agreedText({ files, coverage, unproven }: TestRun): string {
  if (unproven.length > 0) return 'Not compared: the full run lacks evidence.';
  const outcomes = files.reduce((sum, file) => sum + file.tests.length, 0);
  return `Verified: both runs agree in ${plural(outcomes, 'outcome')} and in every counter of ${plural(coverage?.files.length ?? 0, 'source')}.`;
}

/**
 * The full run, when the incremental one was the same. What is kept cannot be trusted when it was not, unless what ran twice, or all of it
 * `once` more in full, does not come out the same either.
 */
async function verified(incremental: TestRun, full: Measured, keeping: Keeping, once: () => Promise<Measured>): Promise<Measured> {
  const found: Difference | null = full.run.unproven.length > 0 ? null : differenceOf(incremental, full.run);
  if (found === null) return full;
  if (found.kind === 'test' && found.ranTwice) {
    throw unprovenError(
      `A test ran twice and came out otherwise: ${differenceText(found)}.`,
      'Its file ran in both runs, so nothing that was taken over is the reason. Look for what depends on time, chance or other processes.',
      'pushgate check --verify   compares again; what is kept stays',
    );
  }
  if (found.kind !== 'test' && found.unsteady !== undefined) {
    throw unprovenError(
      `A test file ran twice and not the same lines, ${found.unsteady}: ${differenceText(found)}.`,
      'What was taken over came out as it was, so that is not the reason. Look for what depends on time, chance or processes that go on.',
      'pushgate check --verify   compares again; what is kept stays',
    );
  }
  const { run: another } = await once();
  const chance = another.unproven.length > 0 ? null : differenceOf(full.run, another);
  if (chance !== null) {
    throw unprovenError(
      `Two full runs are not the same: ${differenceText(chance)}.`,
      'So what was taken over need not be the reason. Look for what depends on time, chance or other processes.',
      'pushgate check --verify   compares again; what is kept stays',
    );
  }
  dropFileRuns(keeping.dir);
  throw unprovenError(
    `The incremental run is not the full one: ${differenceText(found)}.`,
    'pushgate check --full   judges the full run; what was kept is dropped',
    'Name what the tests depend on in run.inputs, or the test file in run.always, in pushgate.jsonc.',
  );
}
