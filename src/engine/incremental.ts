import { projectedWallMs } from '../insight/projection.ts';
import { sampleOf, select } from '../insight/select.ts';
import type { Config } from '../model/config.ts';
import { partsOf, type FileRecord, type KeptRun, type LastFull, type Reason } from '../model/inputs.ts';
import type { FileRun, TestRun } from '../model/test-run.ts';
import { isInProcess } from '../runners/node-test/command.ts';
import type { SuitePlan } from '../runners/plan.ts';
import type { Reuse, Track } from '../runners/runner.ts';
import { loadFileRuns, saveFileRuns, type Kept } from '../store/file-runs.ts';
import { now } from '../system/clock.ts';
import { realPath } from '../system/files.ts';
import type { Repository } from '../system/repository.ts';
import { fileClockMs } from '../system/temp.ts';
import type { Suite } from './measure.ts';
import { hasMoved, lazyInputsOf, lookAt, type Moment } from './moment.ts';
import { runKey } from './run-key.ts';

/** Where file runs are kept, and how far they are relied on. */
export type Keeping = {
  readonly dir: string;
  readonly repo: Repository;
  /** False runs every test file, and keeps what comes of it. */
  readonly reuses: boolean;
  /** A full run that took longer than this, in ms, is made again in full: what is projected from it would be too near the budget. */
  readonly nearMs: number;
  /** How many test files that need not run are run all the same. */
  readonly sample: number;
  readonly settings: Pick<Config['run'], 'env' | 'trustSubprocess'>;
  /** Whether every test file depends on a file, and whether a test file runs every time; paths are relative to the root. */
  readonly isInput: (path: string) => boolean;
  readonly isAlways: (file: string) => boolean;
  /** Of pushgate, and of Node. */
  readonly version: string;
  readonly nodeVersion: string;
};

/** One run of a suite that takes over what need not run again, and is kept itself. */
export type Incremental = {
  readonly track: Track;
  readonly reuse: (plan: SuitePlan) => Promise<Reuse | null>;
  /** The run with what it says about the whole suite: why files ran again, and the time all of it would have taken. */
  readonly completed: (run: TestRun) => TestRun;
  /** The file runs that were kept of the files that were sampled. */
  readonly sampled: () => readonly FileRun[];
  /** Whether everything ran because the last full run was too near the budget. */
  readonly isNear: () => boolean;
  /** Keeps the run for the next one. Returns warnings; never throws. */
  readonly keep: (run: TestRun) => Promise<string[]>;
};

/** What was found and decided before the first test ran. */
type Start = {
  readonly kept: Kept | null;
  readonly isNear: boolean;
  readonly slices: ReturnType<Kept['slices']> | null;
  readonly reasons: ReadonlyMap<string, Reason>;
  readonly key: ReadonlyMap<string, string>;
  readonly moment: Moment;
  readonly sinceMs: number;
};

/** Whether a suite runs each of its test files in a process of its own: only then it is known what each depends on. */
export function canBeKept(plan: SuitePlan): boolean {
  const tests = plan.steps.filter((step) => step.kind !== 'setup');
  return tests.length > 0 && tests.every((step) => step.kind === 'node-test' && !isInProcess(step));
}

/** Opens the kept file runs of a suite, for one run. */
export function openIncremental(suite: Suite, keeping: Keeping): Incremental {
  const place = { root: realPath(suite.root), top: realPath(keeping.repo.top ?? suite.root) };
  const warnings: string[] = [];
  let start: Start | null = null;
  return {
    track: { top: place.top, env: keeping.settings.env, trusted: keeping.settings.trustSubprocess },
    reuse: async (plan) => {
      start = canBeKept(plan) ? await startOf(plan, { suite, keeping, place, warnings }) : null;
      return start === null ? null : reuseOf(start, plan);
    },
    completed: (run) => (start === null || start.kept === null ? run : aboutAll(run, start, start.kept)),
    sampled: () => (start === null ? [] : sampledOf(start)),
    isNear: () => start?.isNear === true,
    keep: async (run) => {
      if (start !== null && isWhole(run) && fileClockMs() >= start.sinceMs) {
        const moment = await lookAt(keeping.repo, place.top, suite.env, start.moment.states.remembered());
        const saved =
          moment === null ? null : await saveFileRuns(keeping.dir, place.top, keptOf(run, start, moment), moment.states.remembered());
        if (saved !== null) warnings.push(saved);
      }
      return warnings;
    },
  };
}

type Surroundings = {
  readonly suite: Suite;
  readonly keeping: Keeping;
  readonly place: { readonly root: string; readonly top: string };
  readonly warnings: string[];
};

async function startOf(plan: SuitePlan, { suite, keeping, place, warnings }: Surroundings): Promise<Start | null> {
  const found = loadFileRuns(keeping.dir, place.top);
  if (found.warning !== null) warnings.push(found.warning);
  const moment = await lookAt(keeping.repo, place.top, suite.env, found.kept?.remembered ?? new Map());
  if (moment === null) return null;
  const source = { ...keeping, ...place, env: suite.env, plan, coverage: suite.coverage };
  const key = runKey(source, moment.files, moment.states);
  const situation = { files: plan.testFiles, key, stateOf: moment.stateOf, always: keeping.isAlways };
  const isNear = keeping.reuses && found.kept !== null && found.kept.lastFull.wallMs > keeping.nearMs;
  let kept = keeping.reuses && !isNear ? found.kept : null;
  let slices: Start['slices'] = null;
  let reasons = select(kept, situation);
  if (kept !== null && reasons.size < plan.testFiles.length) {
    const numbers = Array.from({ length: keeping.sample }, Math.random);
    for (const file of sampleOf(plan.testFiles, reasons, numbers)) reasons.set(file, { kind: 'sample' });
    try {
      slices = isUnchanged(kept, reasons, plan, moment) ? null : kept.slices();
    } catch (error) {
      warnings.push(`The raw coverage kept in ${keeping.dir} cannot be read (${(error as Error).message}); everything runs.`);
      kept = null;
      reasons = select(null, situation);
    }
  }
  // Last: what changes from here on may be seen by a test, or not.
  return { kept, isNear, slices, reasons, key, moment, sinceMs: fileClockMs() };
}

/** Whether not even the figures have to be counted anew: no file has changed, not one that no test loads either. */
function isUnchanged(kept: Kept, reasons: ReadonlyMap<string, Reason>, plan: SuitePlan, moment: Moment): boolean {
  return reasons.size === 0 && kept.tree === moment.tree && kept.records.size === plan.testFiles.length;
}

function reuseOf({ kept, slices, reasons, moment }: Start, plan: SuitePlan): Reuse | null {
  if (kept === null || plan.testFiles.every((file) => reasons.has(file))) return null;
  const files = plan.testFiles.flatMap((file) => {
    const record = reasons.has(file) ? undefined : kept.records.get(file);
    return record === undefined ? [] : [{ ...record.run, raw: slices?.raw.get(file) ?? [] }];
  });
  return {
    run: new Set(reasons.keys()),
    files,
    sourceMaps: slices?.sourceMaps ?? new Map(),
    coverage: isUnchanged(kept, reasons, plan, moment) ? kept.coverage : null,
  };
}

function aboutAll(run: TestRun, { reasons }: Start, kept: Kept): TestRun {
  if (run.mode !== 'incremental') return { ...run, reasons };
  return { ...run, projectedWallMs: projectedWallMs(kept.lastFull, run.files, run.workers), reasons };
}

function sampledOf({ kept, slices, reasons }: Start): FileRun[] {
  return [...reasons].flatMap(([file, reason]) => {
    const record = reason.kind === 'sample' ? kept?.records.get(file) : undefined;
    return record === undefined ? [] : [{ ...record.run, raw: slices?.raw.get(file) ?? [] }];
  });
}

/** Only a run that lacks nothing is kept, and one in which every process belonged to a test file. */
function isWhole(run: TestRun): boolean {
  const isNew = run.files.some((file) => file.origin === 'measured') || run.mode === 'full';
  return isNew && run.unproven.length === 0 && run.shared.length === 0 && run.coverage !== null && run.sourceMaps !== undefined;
}

function keptOf(run: TestRun, start: Start, moment: Moment): KeptRun {
  const records = run.files.map((file): [string, FileRecord] => [file.file, recordOf(file, start, moment)]);
  const durationsMs = new Map(run.files.map((file) => [file.file, file.durationMs]));
  const full: LastFull = { at: now().toISOString(), wallMs: run.wallMs, durationsMs };
  return {
    key: start.key,
    tree: start.moment.tree === moment.tree ? moment.tree : null,
    records: new Map(records),
    sourceMaps: run.sourceMaps ?? new Map(),
    coverage: run.coverage ?? { files: [] },
    lastFull: run.mode === 'incremental' && start.kept !== null ? start.kept.lastFull : full,
  };
}

function recordOf(run: FileRun, start: Start, moment: Moment): FileRecord {
  const before = start.kept?.records.get(run.file);
  if (run.origin === 'reused' && before !== undefined) return { ...before, run };
  const failed = run.tests.find((test) => test.outcome === 'failed' || test.outcome === 'flaky');
  if (failed !== undefined) return { run, states: new Map(), untracked: failed.outcome === 'flaky' ? 'it was flaky' : 'it failed' };
  if (run.observed === undefined) return { run, states: new Map(), untracked: 'what it reads was not seen' };
  const { untracked } = run.observed;
  if (untracked !== null) return { run, states: new Map(), untracked };
  const inputs = [...run.observed.inputs, ...lazyInputsOf(run.observed.inputs, moment)];
  const moved = inputs.find((input) => hasMoved(input, start.moment, moment, start.sinceMs));
  if (moved !== undefined) return { run, states: new Map(), untracked: `${partsOf(moved).path} changed while it ran` };
  return { run, states: new Map(inputs.map((input) => [input, moment.stateOf(input)])), untracked: null };
}
