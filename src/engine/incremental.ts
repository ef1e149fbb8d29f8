import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { nearnessOf, projectedWallMs, type Nearness } from '../insight/projection.ts';
import { sampleOf, select } from '../insight/select.ts';
import type { Config } from '../model/config.ts';
import { partsOf, type FileRecord, type KeptRun, type LastFull, type Reason } from '../model/inputs.ts';
import type { FileRun, RawSlice, Test, TestRun } from '../model/test-run.ts';
import { isInProcess } from '../runners/node-test/command.ts';
import type { SuitePlan } from '../runners/plan.ts';
import type { Reuse, Track } from '../runners/runner.ts';
import { loadFileRuns, saveFileRuns, type Kept } from '../store/file-runs.ts';
import { rawByFile, type OpenRaw } from '../store/kept-raw.ts';
import { now } from '../system/clock.ts';
import { realPath } from '../system/files.ts';
import type { Repository } from '../system/repository.ts';
import { openStates, type States } from '../system/states.ts';
import { fileClockMs } from '../system/temp.ts';
import type { Suite } from './measure.ts';
import { hasMoved, lazyInputsOf, lookAt, type Moment } from './moment.ts';
import { filesOfKey, runKey, type KeySource } from './run-key.ts';

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
  /** Whether a test took longer than it may, and whether a suite did. */
  readonly isSlow: (test: Test) => boolean;
  readonly isOver: (run: TestRun) => boolean;
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
  /** The run with the raw coverage of what it reused, which otherwise stays in the store. */
  readonly withRaw: (run: TestRun) => TestRun;
  /** Whether everything ran because the last full run was too near the budget, or over it; null when not for that. */
  readonly nearness: () => Nearness | null;
  /** Keeps the run for the next one. Returns warnings; never throws. */
  readonly keep: (run: TestRun) => Promise<string[]>;
};

/** What was found and decided before the first test ran. */
type Start = {
  readonly kept: Kept | null;
  readonly nearness: Nearness | null;
  /** Whether nothing runs and the figures are those that are kept. */
  readonly isUnchanged: boolean;
  readonly reasons: ReadonlyMap<string, Reason>;
  readonly key: ReadonlyMap<string, string>;
  /** What the key is made of. */
  readonly source: KeySource;
  readonly moment: Moment;
  readonly sinceMs: number;
};

/**
 * Whether a suite runs each of its test files in a process of its own, and nothing else: only then it is known what each depends on. What is
 * built after the first tests, or set up in the runner's process, is not there yet when it is decided what runs.
 */
function canBeKept({ steps }: SuitePlan): boolean {
  const tests = steps.slice(steps.findIndex((step) => step.kind !== 'setup'));
  return tests.every((step) => step.kind === 'node-test' && !isInProcess(step) && !step.nodeArgs.some(isGlobalSetup));
}

const isGlobalSetup = (arg: string): boolean => /^--(?:experimental-)?test-global-setup(?:=|$)/.test(arg);

/** Opens the kept file runs of a suite, for one run. */
export function openIncremental(suite: Suite, keeping: Keeping): Incremental {
  const place = { root: realPath(suite.root), top: realPath(keeping.repo.top ?? suite.root) };
  const warnings: string[] = [];
  let start: Start | null = null;
  return {
    track: { top: place.top, env: keeping.settings.env, trusted: keeping.settings.trustSubprocess },
    reuse: async (plan) => {
      start = canBeKept(plan) ? await startOf(plan, { suite, keeping, place, warnings }) : null;
      return start === null ? null : reuseOf(start, plan, place.top);
    },
    completed: (run) => (start === null || start.kept === null ? run : aboutAll(run, start, start.kept)),
    sampled: () => (start === null ? [] : sampledOf(start)),
    withRaw: (run) => {
      const files = run.files.filter(({ origin }) => origin === 'reused');
      const reused = filesWithRaw(files, start?.kept?.raw ?? null);
      const found = new Map(reused.map((file) => [file.file, file]));
      return { ...run, files: run.files.map((file) => found.get(file.file) ?? file) };
    },
    nearness: () => start?.nearness ?? null,
    keep: async (run) => {
      if (start !== null && isWhole(run) && fileClockMs(dirname(keeping.dir)) >= start.sinceMs) {
        const moment = await lookAt(keeping.repo, place.top, suite.env, start.moment.states.remembered());
        if (moment !== null) warnings.push(...(await save(run, start, moment, { keeping, place })));
      }
      return warnings;
    },
  };
}

/** Returns what kept it from being kept, if anything did. */
async function save(run: TestRun, start: Start, moment: Moment, at: Pick<Surroundings, 'keeping' | 'place'>): Promise<string[]> {
  const moved = movedOfKey(start, moment);
  if (moved !== null) return [`Nothing of this run is kept, because ${moved} changed while it ran.`];
  // Of what was not looked at again, what was known before.
  const remembered = new Map([...start.moment.states.remembered(), ...moment.states.remembered()]);
  const beside = { top: at.place.top, remembered, before: start.kept?.raw ?? null };
  const saved = await saveFileRuns(at.keeping.dir, keptOf(run, start, moment, at.keeping), beside);
  return saved === null ? [] : [saved];
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
  const nearness = keeping.reuses && found.kept !== null ? nearnessOf(found.kept.lastFull, keeping.nearMs) : null;
  const kept = keeping.reuses && nearness === null ? found.kept : null;
  const reasons = kept !== null && hasFormerTest(kept, plan, place.root) ? allFor('the list of test files', plan) : select(kept, situation);
  let isUnchanged = false;
  if (kept !== null && reasons.size < plan.testFiles.length) {
    const numbers = Array.from({ length: keeping.sample }, Math.random);
    for (const file of sampleOf(plan.testFiles, reasons, numbers)) reasons.set(file, { kind: 'sample' });
    isUnchanged = await hasSameFigures(kept, reasons, { plan, moment, suite, place });
  }
  // Last: what changes from here on may be seen by a test, or not.
  return { kept, nearness, isUnchanged, reasons, key, source, moment, sinceMs: fileClockMs(dirname(keeping.dir)) };
}

/** Whether a file that was a test file is there and is none any more: it may be a source now, and what ran of it was not kept. */
function hasFormerTest({ records }: Kept, { testFiles }: SuitePlan, root: string): boolean {
  const tests = new Set(testFiles);
  return [...records.keys()].some((file) => !tests.has(file) && existsSync(join(root, file)));
}

function allFor(part: string, { testFiles }: SuitePlan): Map<string, Reason> {
  return new Map(testFiles.map((file) => [file, { kind: 'key', part }]));
}

type There = Pick<Surroundings, 'suite' | 'place'> & { readonly plan: SuitePlan; readonly moment: Moment };

/** Whether not even the figures have to be counted anew: no file has changed, not one that no test loads or that git does not know either. */
async function hasSameFigures(kept: Kept, reasons: ReadonlyMap<string, Reason>, { plan, moment, suite, place }: There): Promise<boolean> {
  if (reasons.size > 0 || kept.tree !== moment.tree || kept.records.size !== plan.testFiles.length) return false;
  const { openSources } = await import('../runners/node-test/v8/c8.ts');
  const known = kept.coverage.exact === true ? kept.coverage.files.map(({ file }) => file) : [];
  const there = (await openSources({ root: place.root, ...suite.coverage, testFiles: plan.testFiles, known })).list();
  const hashes = new Map(kept.coverage.files.map(({ file, hash }) => [file, hash]));
  const named = new Set(moment.files.names.map((name) => join(place.top, name)));
  const isSame = (file: string): boolean => {
    const path = join(place.root, file);
    return hashes.has(file) && (named.has(path) || moment.states.holds(relative(place.top, path), hashes.get(file) ?? ''));
  };
  return there.length === hashes.size && there.every(isSame);
}

function reuseOf({ kept, isUnchanged, reasons }: Start, plan: SuitePlan, top: string): Reuse | null {
  if (kept === null || plan.testFiles.every((file) => reasons.has(file))) return null;
  const files = plan.testFiles.flatMap((file) => (reasons.has(file) ? [] : (kept.records.get(file)?.run ?? [])));
  // Opened when it is first asked: once the tests have run.
  let states: States | null = null;
  const isSame = (path: string, hash: string): boolean => {
    states ??= openStates(top, kept.remembered, () => []);
    return states.holds(relative(top, path), hash);
  };
  return { run: new Set(reasons.keys()), files, figures: { coverage: kept.coverage, raw: isUnchanged ? null : kept.raw, isSame } };
}

function aboutAll(run: TestRun, { reasons }: Start, kept: Kept): TestRun {
  if (run.mode !== 'incremental') return { ...run, reasons };
  return { ...run, projectedWallMs: projectedWallMs(kept.lastFull, run.files, run.workers), reasons };
}

function sampledOf({ kept, reasons }: Start): FileRun[] {
  const files = [...reasons].filter(([, { kind }]) => kind === 'sample').flatMap(([file]) => kept?.records.get(file)?.run ?? []);
  return files.length === 0 ? [] : filesWithRaw(files, kept?.raw ?? null);
}

/** File runs that were kept, with their raw coverage. */
function filesWithRaw(files: readonly FileRun[], raw: OpenRaw | null): FileRun[] {
  const slices = raw === null ? new Map<string, RawSlice[]>() : rawByFile(raw, new Set(files.map(({ file }) => file)));
  return files.map((run) => ({ ...run, raw: slices.get(run.file) ?? [] }));
}

/** What of all that every test file depends on was another while they ran: then nothing of the run is proved for what there is now. */
function movedOfKey({ key, source, sinceMs }: Start, { files, states }: Moment): string | null {
  const part = [...runKey(source, files, states)].find(([name, state]) => key.get(name) !== state)?.[0];
  if (part !== undefined) return part;
  return filesOfKey(source, files).find((path) => states.file(path) !== 'absent' && states.changedSince('file', path, sinceMs)) ?? null;
}

/** Only a run that lacks nothing is kept, and one in which every process belonged to a test file. */
function isWhole(run: TestRun): boolean {
  const isNew = run.files.some((file) => file.origin === 'measured') || run.mode === 'full';
  return isNew && run.unproven.length === 0 && run.shared.length === 0 && run.coverage !== null && run.sourceMaps !== undefined;
}

function keptOf(run: TestRun, start: Start, moment: Moment, { isSlow, isOver }: Keeping): KeptRun {
  const records = run.files.map((file): [string, FileRecord] => [file.file, recordOf(file, start, moment, isSlow)]);
  const durationsMs = new Map(run.files.map((file) => [file.file, file.durationMs]));
  const full: LastFull = { at: now().toISOString(), wallMs: run.wallMs, durationsMs, isOver: isOver(run) };
  return {
    key: start.key,
    tree: start.moment.tree === moment.tree ? moment.tree : null,
    records: new Map(records),
    sourceMaps: run.sourceMaps ?? new Map(),
    coverage: run.coverage ?? { files: [] },
    lastFull: run.mode === 'incremental' && start.kept !== null ? start.kept.lastFull : full,
  };
}

function recordOf(run: FileRun, start: Start, moment: Moment, isSlow: Keeping['isSlow']): FileRecord {
  const before = start.kept?.records.get(run.file);
  if (run.origin === 'reused' && before !== undefined) return { ...before, run };
  const failed = run.tests.find((test) => test.outcome === 'failed' || test.outcome === 'flaky');
  if (failed !== undefined) return { run, states: new Map(), untracked: failed.outcome === 'flaky' ? 'it was flaky' : 'it failed' };
  // A busy machine may have been the reason.
  if (run.tests.some(isSlow)) return { run, states: new Map(), untracked: 'it was slow' };
  if (run.observed === undefined) return { run, states: new Map(), untracked: 'what it reads was not seen' };
  const { untracked } = run.observed;
  if (untracked !== null) return { run, states: new Map(), untracked };
  const inputs = [...run.observed.inputs, ...lazyInputsOf(run.observed.inputs, moment)];
  const moved = inputs.find((input) => hasMoved(input, start.moment, moment, start.sinceMs));
  if (moved !== undefined) return { run, states: new Map(), untracked: `${partsOf(moved).path} changed while it ran` };
  return { run, states: new Map(inputs.map((input) => [input, moment.stateOf(input)])), untracked: null };
}
