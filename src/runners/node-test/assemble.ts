import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Observed } from '../../model/inputs.ts';
import type { FileRun, LostProcess, RawSlice, Test, Unproven } from '../../model/test-run.ts';
import type { EventLog, RunningTest, TestRecord } from './events.ts';
import type { Collected } from './v8/collect.ts';
import { observer, type Notes } from './observed.ts';
import { measuresOf } from './measures.ts';
import { memoized } from './memoized.ts';
import type { PositionMapper, ProcessEnd, ProcessLog, SourceMaps } from './records.ts';

/** Everything a finished run left behind, from which the file runs are put together. Pure: no disk is read here. */
export type Remains = {
  readonly root: string;
  /** Files that must each have reported, relative to the root: those that run in a process of their own. */
  readonly expected: readonly string[];
  readonly log: EventLog;
  readonly processes: ProcessLog;
  readonly sourceMaps: SourceMaps;
  /** Null for a bare run. */
  readonly coverage: Collected | null;
  readonly timedOut: boolean;
  /** After a time-out: what was under way by the test processes' own notes, by test file; it is nearer to the truth than the log. */
  readonly begun: ReadonlyMap<string, readonly RunningTest[]>;
  /** Whether other file runs are taken over: then none of these need have left coverage, or be there at all. */
  readonly reuses: boolean;
  /** What processes noted of their inputs, and the repository they are in; null when nothing of the run is kept. */
  readonly watched: { readonly top: string; readonly notes: ReadonlyMap<number, Notes> } | null;
};

/** The path of a file below the root with forward slashes; files elsewhere keep their absolute path. */
export function relativeTo(root: string, file: string): string {
  const path = file.startsWith('file:') ? fileURLToPath(file) : file;
  const short = isAbsolute(path) ? relative(root, path) : path;
  return (/^\.\.(?:[\\/]|$)/.test(short) || isAbsolute(short) ? path : short).split(sep).join('/');
}

function testOf(record: TestRecord, file: string, positions: PositionMapper): Test {
  const { line, column } = positions(record.at, record.line, record.column);
  const own = Math.max(0, record.durationMs - record.subtestsMs);
  return {
    file,
    name: record.path.join(' > '),
    line,
    column,
    outcome: record.outcome,
    durationMs: record.durationMs,
    subtestsMs: record.subtestsMs,
    attempts: [{ outcome: record.outcome, durationMs: own, alone: false, instrumented: false }],
    skipReason: record.reason?.trim() ? record.reason : null,
    enclosing: record.enclosing?.join(' > ') ?? null,
    failure: record.failure,
    onlyUnderCoverage: false,
  };
}

/** A failure that has no record of its own: of a whole file (line 0), or of a test that was cut off. */
function failedTest(file: string, name: string, line: number, failure: string): Test {
  return {
    file,
    name,
    line,
    column: 0,
    outcome: 'failed',
    durationMs: 0,
    subtestsMs: 0,
    attempts: [{ outcome: 'failed', durationMs: 0, alone: false, instrumented: false }],
    skipReason: null,
    enclosing: null,
    failure,
    onlyUnderCoverage: false,
  };
}

/** A suite is no test, unless it failed by itself: a hook threw, or its body did. */
const isTest = (record: TestRecord): boolean => !record.isSuite || record.failure !== null;

/** The test file that ran, relative to the root: not the source it was compiled from, which is all that Node tells before 24. */
type FileOf = (file: string) => string;

/** Each is asked for once per test. */
const filesOf = ({ root, sourceMaps }: Remains): FileOf => memoized((file) => relativeTo(root, sourceMaps.scripts.get(file) ?? file));

/** Tests by file, in the order reported. */
function testsByFile(remains: Remains, fileOf: FileOf): Map<string, Test[]> {
  const byFile = new Map<string, Test[]>(remains.expected.map((file) => [file, []]));
  for (const record of remains.log.tests) {
    if (!isTest(record)) continue;
    const file = fileOf(record.file);
    const tests = byFile.get(file) ?? [];
    byFile.set(file, tests);
    tests.push(testOf(record, file, remains.sourceMaps.positions));
  }
  return byFile;
}

/** Tests that were under way when their process ended, and processes that ended before they said anything. */
function cutOffTests(remains: Remains, byFile: ReadonlyMap<string, readonly Test[]>, fileOf: FileOf): Test[] {
  if (remains.timedOut) return [];
  const ends = endsOf(remains);
  const root = ends.find((end) => !end.isTestFile);
  const cutOff = remains.log.running().map((test) => {
    const file = fileOf(test.file);
    const { line } = remains.sourceMaps.positions(test.file, test.line, test.column);
    const end = ends.find((each) => each.file === file) ?? root;
    return failedTest(file, test.path.join(' > '), line, endedEarly(remains.root, end));
  });
  const named = new Set(cutOff.map((test) => test.file));
  const silent = (end: FileEnd): boolean =>
    end.isTestFile ? (byFile.get(end.file) ?? []).length === 0 : cutOff.length + remains.log.completed === 0;
  for (const end of ends) {
    if (end.usedTestRunner && end.exitCalledAt !== null && end.ended === 0 && silent(end) && !named.has(end.file)) {
      cutOff.push(failedTest(end.file, end.file, 0, endedEarly(remains.root, end)));
    }
  }
  return cutOff;
}

type FileEnd = ProcessEnd & { file: string; isTestFile: boolean };

function endsOf(remains: Remains): FileEnd[] {
  const starts = new Map(remains.processes.starts.map((start) => [start.pid, start]));
  return remains.processes.ends.map((end) => {
    const start = starts.get(end.pid);
    return { ...end, file: relativeTo(remains.root, start?.script ?? ''), isTestFile: start?.isTestFile === true };
  });
}

function endedEarly(root: string, end: ProcessEnd | undefined): string {
  if (!end || end.exitCalledAt === null) return 'The process ended while this test was running.';
  const [, path = '', line = ''] = /^(.*):(\d+):\d+$/.exec(end.exitCalledAt) ?? [];
  return `process.exit(${end.ended}) was called before the tests of this file had finished, at ${relativeTo(root, path)}:${line}.`;
}

/** A file that failed because it ended under a test is told once, by the test, in the words of both. */
function withoutEchoes(cutOff: readonly Test[], wholeFiles: readonly Test[]): Test[] {
  const why = new Map(wholeFiles.map((test) => [test.file, test.failure]));
  const told = cutOff.map((test) =>
    why.has(test.file) && test.line > 0 ? { ...test, failure: `${why.get(test.file)}\n${test.failure}` } : test,
  );
  const files = new Set(cutOff.map((test) => test.file));
  return [...told, ...wholeFiles.filter((test) => !files.has(test.file))];
}

/** Files that failed as a whole: they did not load, or their process failed outside any test. A killed one is missing evidence instead. */
function failedFiles(remains: Remains): { tests: Test[]; unproven: Unproven[] } {
  const tests: Test[] = [];
  const unproven: Unproven[] = [];
  const thrownIn = new Map(endsOf(remains).map((end) => [end.file, end.thrown ?? []]));
  for (const record of remains.log.files.values()) {
    const file = relativeTo(remains.root, record.file);
    if (record.signal !== null && !record.timedOut && !remains.timedOut)
      unproven.push({ kind: 'file-killed', file, signal: record.signal });
    else if (record.failure !== null && !remains.timedOut) {
      // The runner may have been told that a file failed before what the file printed.
      const thrown = record.failure.includes('\n') ? [] : (thrownIn.get(file) ?? []);
      tests.push(failedTest(file, file, 0, [record.failure].concat(thrown).join('\n')));
    }
  }
  return { tests, unproven };
}

/** The file runs, coverage that no file owns, and what is missing. */
export function assemble(remains: Remains): { files: FileRun[]; shared: RawSlice[]; lost: LostProcess[]; unproven: Unproven[] } {
  const fileOf = filesOf(remains);
  const byFile = testsByFile(remains, fileOf);
  const failed = failedFiles(remains);
  const cutOff = cutOffTests(remains, byFile, fileOf);
  for (const test of withoutEchoes(cutOff, failed.tests)) byFile.set(test.file, [...(byFile.get(test.file) ?? []), test]);

  const walls = new Map([...remains.log.files.values()].map((record) => [relativeTo(remains.root, record.file), record.durationMs]));
  const owners = ownersByPid(remains);
  const rawOf = new Map<string, RawSlice[]>();
  const shared: RawSlice[] = [];
  for (const [pid, slices] of remains.coverage?.slicesOf ?? []) {
    const file = owners.get(pid);
    if (file === undefined) shared.push(...slices);
    else rawOf.set(file, [...(rawOf.get(file) ?? []), ...slices]);
  }
  const lost = lostProcesses(remains, owners);
  const observed = observedIn(remains, owners, lost);
  const topTests = remains.log.tests.filter((record) => record.path.length === 1);
  const measures = measuresOf(
    walls,
    topTests.map((record) => ({ file: fileOf(record.file), durationMs: record.durationMs })),
    remains.processes.ends.map((end) => ({ file: owners.get(end.pid), peakRssBytes: end.peakRssBytes ?? null })),
  );
  const files = [...byFile].map(([file, tests]): FileRun => {
    const durationMs = walls.get(file) ?? tests.reduce((sum, test) => sum + Math.max(0, test.durationMs - test.subtestsMs), 0);
    return {
      file,
      tests: tests.map((test) => withInstrumentation(test, remains.coverage !== null)),
      durationMs,
      ...measures(file),
      origin: 'measured',
      raw: rawOf.get(file) ?? [],
      ...observed(file),
    };
  });
  const missing = remains.timedOut
    ? []
    : remains.expected.filter((file) => !walls.has(file)).map((file): Unproven => ({ kind: 'file-missing', file }));
  return { files, shared, lost, unproven: [...failed.unproven, ...missing] };
}

function observedIn(
  { coverage, processes, watched }: Remains,
  owners: ReadonlyMap<number, string>,
  lost: readonly LostProcess[],
): (file: string) => { observed?: Observed } {
  if (coverage === null || watched === null) return () => ({});
  const pidsOf = new Map<string, number[]>();
  for (const [pid, file] of owners) pidsOf.set(file, [...(pidsOf.get(file) ?? []), pid]);
  const observed = observer({ ...watched, processes, loadedBy: coverage.loadedBy });
  return (file) => {
    const isLost = lost.some((each) => each.file === file || each.file === null);
    return { observed: observed(pidsOf.get(file) ?? [], isLost) };
  };
}

function withInstrumentation(test: Test, instrumented: boolean): Test {
  return { ...test, attempts: test.attempts.map((attempt) => ({ ...attempt, instrumented })) };
}

/** Test files by the process that ran them. */
function ownersByPid(remains: Remains): Map<number, string> {
  const starts = remains.processes.starts.filter((start) => start.isTestFile);
  return new Map(starts.map((start) => [start.pid, relativeTo(remains.root, start.script)]));
}

/** Processes that started under coverage and left none. The process of a killed test file is told as that. */
function lostProcesses(remains: Remains, owners: ReadonlyMap<number, string>): LostProcess[] {
  const { coverage } = remains;
  if (coverage === null) return [];
  const killed = new Set(
    [...remains.log.files.values()].filter((record) => record.signal !== null).map((record) => relativeTo(remains.root, record.file)),
  );
  const unusable = new Map(coverage.unusable.map((file) => [file.pid, file.reason]));
  // Each worker thread of a child process starts like it, under the same number.
  const starts = new Map(remains.processes.starts.map((start) => [start.pid, start]));
  return [...starts.values()]
    .filter((start) => start.covers && (!coverage.delivered.has(start.pid) || unusable.has(start.pid)))
    .map((start) => ({
      pid: start.pid,
      script: relativeTo(remains.root, start.script),
      file: owners.get(start.owner === null ? start.pid : Number(start.owner)) ?? null,
      why: unusable.has(start.pid) ? ('unreadable-coverage' as const) : ('no-coverage' as const),
    }))
    .filter((lost) => lost.file === null || lost.file !== lost.script || !killed.has(lost.file));
}
