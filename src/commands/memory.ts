import type { Checkpoint, Flake, Flicker } from '../model/checkpoint.ts';
import { METRICS, totalOf, type Count, type Metric } from '../model/coverage.ts';
import type { Verdict } from '../model/finding.ts';
import type { Reference } from '../model/machine.ts';
import { ALL_GATES, type Gate } from '../model/policy.ts';
import { testsOf, type TestRun } from '../model/test-run.ts';
import { appendCheckpoint, findCheckpoint, findReference } from '../store/checkpoints.ts';
import { appendFlakes, loadFlakes } from '../store/flakes.ts';
import { loadFlicker } from '../store/flicker.ts';
import { saveLastRun } from '../store/last-run.ts';
import { storeDirs, type StoreDirs } from '../store/store-dir.ts';
import { now } from '../system/clock.ts';
import type { Io } from '../system/io.ts';
import type { Repository } from '../system/repository.ts';

/** What is known of earlier runs, and where this one is noted. Its faults are warnings: they never change a verdict. */
export type Memory = {
  readonly dirs: StoreDirs;
  /** The latest run that passed on an ancestor of what is judged. */
  readonly checkpoint: Checkpoint | null;
  /** What earlier runs found flaky, on whatever commit. */
  readonly flakes: readonly Flake[];
  /** What audits saw run in some runs of the same code only. */
  readonly flicker: readonly Flicker[];
  /** What times are calibrated by; null until a run has passed with this Node. */
  readonly reference: Reference | null;
  /** Notes the run's tests for `pushgate allow`, those that are flaky, and a pass on a commit as a checkpoint. Returns warnings. */
  readonly remember: (verdict: Verdict, gates: readonly Gate[]) => Promise<string[]>;
};

/** Where what is judged stands in the history. */
export type Ancestry = {
  /** The commit whose checkpoint a pass becomes; null for files that no commit holds as they are. */
  readonly commit: string | null;
  /** Commits that came before, the nearest first. */
  readonly ancestors: readonly string[];
};

const NOWHERE: Ancestry = { commit: null, ancestors: [] };

/** Ancestors looked at for a checkpoint. */
const ANCESTORS = 500;

/** Opens the memory of a project; there are no checkpoints where nothing is `known` of its history. */
export async function openMemory(
  { nodeVersion }: Io,
  root: string,
  known?: { repo: Repository; ancestry: Ancestry } | null,
): Promise<Memory> {
  const dirs = await storeDirs(root, known?.repo);
  const { commit, ancestors } = known?.ancestry ?? NOWHERE;
  const checkpoint = findCheckpoint(dirs.shared, ancestors);
  const reference = findReference(dirs.shared, nodeVersion);
  return {
    dirs,
    checkpoint,
    flakes: loadFlakes(dirs.shared),
    flicker: loadFlicker(dirs.shared),
    reference,
    remember: async (verdict, gates) => {
      const saved = await saveLastRun(dirs.worktree, verdict.run);
      const noted =
        isWholePass(verdict, gates) && commit !== null ? await note(dirs.shared, checkpointOf(commit, verdict.run), reference) : null;
      const flaky = await appendFlakes(dirs.shared, flakesOf(verdict.run));
      return [saved, noted, flaky].filter((warning) => warning !== null);
    },
  };
}

/**
 * Where a commit stands (null for files that no commit holds as they are), compared with what led to `from`. A commit is never its own
 * ancestor: a second run of it is judged against the same checkpoint as the first.
 */
export async function ancestryOf(repo: Repository, commit: string | null, from: string | null): Promise<Ancestry> {
  const revisions = from === null ? null : await repo.git('rev-list', `--max-count=${ANCESTORS}`, from);
  return { commit, ancestors: (revisions ?? '').split('\n').filter((each) => each !== '' && each !== commit) };
}

/** Whether a verdict is one on everything: such a pass is worth remembering. */
export function isWholePass(verdict: Verdict, gates: readonly Gate[]): boolean {
  return verdict.exitCode === 0 && ALL_GATES.every((gate) => gates.includes(gate));
}

function flakesOf(run: TestRun): Flake[] {
  const at = now().toISOString();
  return testsOf(run)
    .filter((test) => test.outcome === 'flaky')
    .map(({ file, name }) => ({ file, name, at }));
}

/** Notes a pass with the reference that later times are calibrated by; it is measured only where none is known. */
async function note(dir: string, checkpoint: Checkpoint, known: Reference | null): Promise<string | null> {
  const { measurePace, referenceAfter } = await import('../engine/reference.ts');
  const reference = await referenceAfter(known, measurePace);
  return appendCheckpoint(dir, { ...checkpoint, ...(reference === null ? {} : { reference }) });
}

function checkpointOf(commit: string, run: TestRun): Checkpoint {
  const { coverage } = run;
  const totals =
    coverage === null ? null : (Object.fromEntries(METRICS.map((metric) => [metric, totalOf(coverage, metric)])) as Record<Metric, Count>);
  return { commit, at: now().toISOString(), coverage: totals, wallMs: run.projectedWallMs ?? run.wallMs, tests: testsOf(run).length };
}
