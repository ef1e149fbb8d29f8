import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { sizeOf, turboDir } from './cache.ts';

/** What all projects together may take, and how long a cache that nothing used is kept. */
const MAX_BYTES = 512 << 20;
const MAX_AGE_MS = 30 * 86_400_000;

/** Notes that a cache is in use. */
export function markUsed(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // It may look older than it is; then it is filled anew one day.
  }
}

/** Removes the caches that have not been used for longest: all that are too old, and as many as it takes. `used` stays. */
export function prune(used: string, dir = turboDir(), maxBytes = MAX_BYTES): void {
  const caches = cachesIn(dir).toSorted((a, b) => b.usedAt - a.usedAt);
  let room = maxBytes - sizeOf(used);
  for (const { path, usedAt } of caches) {
    if (path === used) continue;
    room -= sizeOf(path);
    if (room < 0 || usedAt < Date.now() - MAX_AGE_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** The caches of all projects and versions of Node. */
function cachesIn(dir: string): { path: string; usedAt: number }[] {
  return foldersIn(dir)
    .flatMap(foldersIn)
    .map((path) => ({ path, usedAt: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
}

function foldersIn(dir: string): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(dir, entry.name));
  } catch {
    return [];
  }
}
