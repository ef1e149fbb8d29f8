import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './process-group.ts';

const PREFIX = 'pushgate-';

/** A private folder (0700) of this process. Folders that a killed pushgate left behind are removed on the way. */
export function makeTempDir(): string {
  removeLeftovers();
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/**
 * Now, by the clock that stamps the files in `near`, which is made: one that changes from here on has this time or a later one. Coarser than the
 * process's own, and of another machine where they are on a server. Where nothing can be written there, by that of temporary files.
 */
export function fileClockMs(near: string): number {
  let dir: string;
  try {
    mkdirSync(near, { recursive: true });
    dir = mkdtempSync(join(near, 'clock-'));
  } catch {
    dir = makeTempDir();
  }
  try {
    return statSync(dir).ctimeMs;
  } finally {
    removeDir(dir);
  }
}

/** A folder below a private one. */
export function makeDir(...parts: string[]): string {
  const dir = join(...parts);
  mkdirSync(dir, { recursive: true });
  return dir;
}

/** Removes a private folder and everything in it; never throws. */
export function removeDir(dir: string): void {
  try {
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // The next run removes it.
  }
}

function removeLeftovers(): void {
  let names: string[];
  try {
    names = readdirSync(tmpdir());
  } catch {
    return;
  }
  for (const name of names) {
    const pid = /^pushgate-(\d+)-\w{6}$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) removeDir(join(tmpdir(), name));
  }
}
