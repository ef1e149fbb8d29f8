import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { FileRecord, KeptRun } from '../model/inputs.ts';
import { writeOwnText } from '../system/files.ts';
import { freeUnused } from '../system/heap.ts';
import type { Remembered } from '../system/states.ts';
import { packIndex, unpackIndex } from './file-runs-format.ts';
import { openRaw, packRaw, type OpenRaw } from './kept-raw.ts';

/** What is kept of a suite's run. */
export type Kept = Omit<KeptRun, 'records' | 'sourceMaps'> & {
  /** Without raw coverage. */
  readonly records: ReadonlyMap<string, FileRecord>;
  readonly remembered: ReadonlyMap<string, Remembered>;
  /** Large, and needed only when something runs again: unpacked when it is asked for. */
  readonly raw: OpenRaw;
};

/** Raw coverage that no index names any more may just be read by another run. */
const UNUSED_MS = 60_000;

/**
 * Reads what is kept in `dir`; paths are made those below `top`. `warning` says why what is there cannot be used: then there is nothing.
 * Never throws.
 */
export function loadFileRuns(dir: string, top: string): { kept: Kept | null; warning: string | null } {
  try {
    if (!existsSync(join(dir, 'index.json'))) return { kept: null, warning: null };
    const index = unpackIndex(readPacked(join(dir, 'index.json')));
    if (index === null)
      return { kept: null, warning: `The file runs kept in ${dir} are those of another version of pushgate; everything runs.` };
    const { raw, ...rest } = index;
    // At once: another run may put new files in their place and delete these.
    const bytes = readFileSync(join(dir, raw.name));
    return { kept: { ...rest, raw: openRaw(bytes, raw, top) }, warning: null };
  } catch (error) {
    return { kept: null, warning: `The file runs kept in ${dir} cannot be read (${(error as Error).message}); everything runs.` };
  }
}

/** What is kept beside the run: where the repository was, the states of its files, and the raw coverage of the file runs that it reused. */
export type Beside = {
  readonly top: string;
  readonly remembered: ReadonlyMap<string, Remembered>;
  readonly before: OpenRaw | null;
};

/**
 * Replaces what is kept. The raw coverage first, under a new name: a reader finds the old pair of files or the new one. Returns a warning
 * when that failed; never throws.
 */
export async function saveFileRuns(dir: string, run: KeptRun, { top, remembered, before }: Beside): Promise<string | null> {
  try {
    const name = `raw-${randomBytes(6).toString('hex')}.bin`;
    const { bytes, packed } = packRaw(run, before, top);
    await writeOwnText(join(dir, name), bytes);
    freeUnused();
    await writePacked(join(dir, 'index.json'), packIndex(run, remembered, { ...packed, name }));
    dropUnused(dir, name);
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

/** Digits of a checksum, and the end of their line. */
const CHECKSUM_BYTES = 11;

/**
 * A checksum on the first line: with a single changed digit it would still be JSON. Not compressed: that took longer than to write what it
 * saves. Bytes once, in one place: megabytes, just when most of what a run takes is in use.
 */
async function writePacked(path: string, packed: string): Promise<void> {
  const bytes = Buffer.allocUnsafe(CHECKSUM_BYTES + Buffer.byteLength(packed));
  bytes.write(packed, CHECKSUM_BYTES);
  bytes.write(`${String(crc32(bytes.subarray(CHECKSUM_BYTES))).padStart(CHECKSUM_BYTES - 1)}\n`);
  await writeOwnText(path, bytes);
}

function readPacked(path: string): string {
  const bytes = readFileSync(path);
  const end = bytes.indexOf(0x0a);
  const body = bytes.subarray(end + 1);
  if (Number(bytes.toString('latin1', 0, Math.max(0, end))) !== crc32(body)) throw new Error('it is damaged');
  return body.toString('utf8');
}

function dropUnused(dir: string, used: string): void {
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    const isOld = (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < Date.now() - UNUSED_MS;
    if (/^(?:raw-.*\.bin|.*\.gz)$/.test(name) && name !== used && isOld) rmSync(path, { force: true });
  }
}
