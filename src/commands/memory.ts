import type { Checkpoint } from '../model/checkpoint.ts';
import { METRICS, totalOf, type Count, type Metric } from '../model/coverage.ts';
import type { Verdict } from '../model/finding.ts';
import { ALL_GATES, type Gate } from '../model/policy.ts';
import { testsOf, type TestRun } from '../model/test-run.ts';
import { appendCheckpoint, findCheckpoint } from '../store/checkpoints.ts';
import { saveLastRun } from '../store/last-run.ts';
import { storeDirs } from '../store/store-dir.ts';
import { now } from '../system/clock.ts';
import { git } from '../system/git.ts';

/** What is known of earlier runs, and where this one is noted. Its faults are warnings: they never change a verdict. */
export type Memory = {
  /** The latest run that passed on an ancestor of HEAD. */
  readonly checkpoint: Checkpoint | null;
  /** Notes the run's tests for `pushgate allow`, and a pass on a commit as a checkpoint. Returns warnings. */
  readonly remember: (verdict: Verdict, gates: readonly Gate[]) => Promise<string[]>;
};

/** Ancestors looked at for a checkpoint. */
const ANCESTORS = 500;

/** Opens the memory of a project; outside a repository there are no checkpoints. */
export async function openMemory(root: string): Promise<Memory> {
  const dirs = await storeDirs(root);
  const commits = (await git(root, 'rev-list', `--max-count=${ANCESTORS}`, 'HEAD'))?.split('\n') ?? [];
  return {
    checkpoint: findCheckpoint(dirs.shared, commits),
    remember: async (verdict, gates) => {
      const saved = await saveLastRun(dirs.worktree, verdict.run);
      const noted =
        isWholePass(verdict, gates) && commits[0] !== undefined
          ? await appendCheckpoint(dirs.shared, checkpointOf(commits[0], verdict.run))
          : null;
      return [saved, noted].filter((warning) => warning !== null);
    },
  };
}

function isWholePass(verdict: Verdict, gates: readonly Gate[]): boolean {
  return verdict.exitCode === 0 && ALL_GATES.every((gate) => gates.includes(gate));
}

function checkpointOf(commit: string, run: TestRun): Checkpoint {
  const { coverage } = run;
  const totals =
    coverage === null ? null : (Object.fromEntries(METRICS.map((metric) => [metric, totalOf(coverage, metric)])) as Record<Metric, Count>);
  return { commit, at: now().toISOString(), coverage: totals, wallMs: run.wallMs, tests: testsOf(run).length };
}
