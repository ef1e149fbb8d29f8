import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type PushgateError, unprovenError } from '../../model/error.ts';
import type { TestRun } from '../../model/test-run.ts';
import { makeTempDir, removeDir } from '../../system/temp.ts';

/** Less than this left is a full disk: the coverage of one process can take as much. */
const ROOM_BYTES = 1 << 20;

/**
 * Does a run's work in a private folder, which is removed whatever happens. Throws `unproven` when the folder cannot be made, when the suite
 * deleted it, and when evidence is missing while the disk is full: that says more than what is missing.
 */
export async function inRunDir(work: (dir: string) => Promise<TestRun>): Promise<TestRun> {
  const dir = openRunDir();
  try {
    const run = await work(dir);
    if (run.unproven.length > 0) demandRoom(dir);
    return run;
  } catch (error) {
    throw isGone(dir, error) ? goneError() : error;
  } finally {
    removeDir(dir);
  }
}

function openRunDir(): string {
  try {
    return makeTempDir();
  } catch (error) {
    throw unprovenError(
      `No folder can be made in ${tmpdir()} (${codeOf(error)}).`,
      'Set TMPDIR to a folder that exists and can be written.',
    );
  }
}

function demandRoom(dir: string): void {
  const { bavail, bsize } = statfsSync(dir);
  if (bavail * bsize >= ROOM_BYTES) return;
  throw unprovenError(
    `There is no room left in ${tmpdir()}: what the suite told and its coverage are lost.`,
    'Make room there, or set TMPDIR to another folder.',
  );
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error';

/** A file of the run is missing that only its folder's deletion explains: Node itself may have made the folder anew since. */
function isGone(dir: string, error: unknown): boolean {
  return codeOf(error) === 'ENOENT' && (error as NodeJS.ErrnoException).path?.startsWith(dir) === true;
}

const goneError = (): PushgateError =>
  unprovenError(
    'The temporary folder of the run was deleted while the suite ran; what it held is lost.',
    `Look for a test that clears ${tmpdir()}: it may delete what it made, and nothing else.`,
  );
