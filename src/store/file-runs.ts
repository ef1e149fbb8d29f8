import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { FileRecord, KeptRun } from '../model/inputs.ts';
import type { RawSlice, SourceMaps } from '../model/test-run.ts';
import { writeOwnText } from '../system/files.ts';
import type { Remembered } from '../system/states.ts';
import { packIndex, packSlices, unpackIndex, unpackSlices, type Packed } from './file-runs-format.ts';

/** What is kept of a suite's run. Raw coverage is large and needed only when something runs again, so it is read when asked for. */
export type Kept = Omit<KeptRun, 'records' | 'sourceMaps'> & {
  /** Without raw coverage. */
  readonly records: ReadonlyMap<string, FileRecord>;
  readonly remembered: ReadonlyMap<string, Remembered>;
  /** Raw coverage by test file, and the source maps to it. Throws when it is damaged. */
  readonly slices: () => { readonly raw: ReadonlyMap<string, readonly RawSlice[]>; readonly sourceMaps: SourceMaps };
};

/** A slices file that no index names any more may still be read by a run that began before. */
const UNUSED_MS = 3_600_000;

/**
 * Reads what is kept in `dir`; paths are made those below `top`. `warning` says why what is there cannot be used: then there is nothing.
 * Never throws.
 */
export function loadFileRuns(dir: string, top: string): { kept: Kept | null; warning: string | null } {
  try {
    if (!existsSync(join(dir, 'index.gz'))) return { kept: null, warning: null };
    const index = unpackIndex(readPacked(join(dir, 'index.gz')));
    if (index === null)
      return { kept: null, warning: `The file runs kept in ${dir} are those of another version of pushgate; everything runs.` };
    const { slicesName, ...rest } = index;
    const slices = (): ReturnType<Kept['slices']> => unpackSlices(readPacked(join(dir, slicesName)), top);
    return { kept: { ...rest, slices }, warning: null };
  } catch (error) {
    return { kept: null, warning: `The file runs kept in ${dir} cannot be read (${(error as Error).message}); everything runs.` };
  }
}

/**
 * Replaces what is kept. The slices first, under a new name: a reader finds the old pair of files or the new one. Returns a warning when
 * that failed; never throws.
 */
export async function saveFileRuns(
  dir: string,
  top: string,
  run: KeptRun,
  remembered: ReadonlyMap<string, Remembered>,
): Promise<string | null> {
  try {
    const slicesName = `slices-${randomBytes(6).toString('hex')}.gz`;
    await writePacked(join(dir, slicesName), packSlices(run, top));
    await writePacked(join(dir, 'index.gz'), packIndex(run, remembered, slicesName));
    dropUnused(dir, slicesName);
    return null;
  } catch (error) {
    return `The file runs could not be kept: ${(error as Error).message}`;
  }
}

/** Forgets everything that is kept; the next run is a full one. Never throws. */
export function dropFileRuns(dir: string): void {
  try {
    rmSync(dir, { recursive: true, force: true });
  } catch {
    // What cannot be deleted is overwritten by the next full run, or not written either.
  }
}

function readPacked(path: string): Packed {
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as Packed;
}

/** Level 1: the text is repetitive, and more effort costs more time than it saves in reading. */
async function writePacked(path: string, packed: Packed): Promise<void> {
  await writeOwnText(path, gzipSync(JSON.stringify(packed), { level: 1 }));
}

function dropUnused(dir: string, used: string): void {
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    const isOld = (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < Date.now() - UNUSED_MS;
    if (/^slices-.*\.gz$/.test(name) && name !== used && isOld) rmSync(path, { force: true });
  }
}
