import { hostname } from 'node:os';
import { join } from 'node:path';
import type { FileRun, RawSlice, TestRun } from '../../../model/test-run.ts';
import { makeTempDir, removeDir } from '../../../system/temp.ts';
import { nodeName, openCache, turboDir } from './cache.ts';
import { openSession, type Mode, type Session } from './session.ts';
import { readRecord, writeRecord } from './state.ts';

/** Whether the coverage of sources is the same with a cache as without: `undecided` when the project's tests cannot tell. */
export type Finding = 'equal' | 'differs' | 'undecided';

/** Runs one test file whole, under coverage. */
export type RunFile = (file: FileRun, session: Session) => Promise<TestRun>;

/** Longer test files are not run again for this. */
const LONGEST_MS = 5_000;

const pathOfFinding = (): string => join(turboDir(), `${nodeName()}.json`);

/** What was found out on this machine for this version of Node; null when nothing was. */
export function knownFinding(): Exclude<Finding, 'undecided'> | null {
  const { finding, machine } = readRecord(pathOfFinding()) as { finding?: unknown; machine?: unknown };
  return machine === hostname() && (finding === 'equal' || finding === 'differs') ? finding : null;
}

/** Runs one of a run's test files with an empty cache and with the one that this filled, compares, and remembers what came of it. */
export async function findOut(run: TestRun, runFile: RunFile): Promise<Finding> {
  for (const file of candidatesOf(run)) {
    // oxlint-disable-next-line no-await-in-loop -- the next one is tried when this one cannot tell
    const finding = await compare(file, runFile);
    if (finding === 'undecided') continue;
    writeRecord(pathOfFinding(), { finding, machine: hostname() });
    return finding;
  }
  return 'undecided';
}

/** A short, a middling and a longer test file that passed and left coverage. */
function candidatesOf(run: TestRun): FileRun[] {
  const files = run.files
    .filter(({ raw, tests, durationMs }) => raw.length > 0 && durationMs < LONGEST_MS && tests.every(({ outcome }) => outcome === 'passed'))
    .toSorted((a, b) => a.durationMs - b.durationMs);
  const places = [0, 0.5, 0.75].map((share) => files[Math.floor(files.length * share)]);
  return [...new Set(places)].filter((file) => file !== undefined);
}

async function compare(file: FileRun, runFile: RunFile): Promise<Finding> {
  const dir = makeTempDir();
  const slicesWith = async (mode: Mode, cacheIn: string): Promise<{ slices: string | null; missed: number }> => {
    const cache = openCache(join(dir, cacheIn));
    const session = openSession(cache, mode);
    return { slices: slicesOf(await runFile(file, session)), missed: session.missed() };
  };
  try {
    const without = await slicesWith('fill', 'first');
    // No package was loaded, or none that Node caches: nothing could differ.
    if (without.slices === null || without.missed === 0) return 'undecided';
    const filled = await slicesWith('fill', 'first');
    if (filled.slices === null || filled.missed > 0) return 'undecided';
    if (filled.slices === without.slices) return 'equal';
    const again = await slicesWith('fill', 'second');
    return again.slices === without.slices ? 'differs' : 'undecided';
  } finally {
    removeDir(dir);
  }
}

/** The coverage of the sources, in an order of its own; null when evidence is missing. */
function slicesOf(run: TestRun): string | null {
  if (run.unproven.length > 0 || run.lost.length > 0) return null;
  const slices = [...run.shared, ...run.files.flatMap((file) => file.raw)];
  return slices.length === 0 ? null : JSON.stringify(slices.map(lineOf).toSorted());
}

const lineOf = ({ url, text, count }: RawSlice): string => `${url} ${count} ${text}`;
