import { pctOf, wasLoaded, type Count, type Coverage } from '../model/coverage.ts';

/** Percentage points between what is held and the floor: runs of one suite differ by some hundredths, and a floor without room stops them. */
const ROOM_PCT = 0.5;
const STEP_MS = 5_000;

/** The floor a project starts with, in per cent: what is held now in tenths, never rounded up, less half a point. */
export function startingFloorPct(held: Count): number {
  return Math.max(0, Math.round((pctOf(held, 1) - ROOM_PCT) * 10) / 10);
}

/** A limit on the time of the suite to start with, in ms: the usual one, or for a suite that needs more a fifth above that, in steps of five seconds. */
export function startingTimeMs(wallMs: number, usualMs: number): number {
  if (wallMs <= usualMs) return usualMs;
  // A hair less, because 125,000 × 1.2 has to stay 150,000 in floating point too.
  return Math.ceil((wallMs * 1.2) / STEP_MS - 1e-6) * STEP_MS;
}

const NOT_SOURCES = /^(?:_*tests?_*|test[-_].*|testing|specs?|_*fixtures?_*|examples?|bench(?:mark)?s?|e2e)$/i;

/**
 * Where the sources of a project without a `src` folder are, as globs: the top folders, and files beside them, of which the suite ran
 * something. `own` tells a project's files from those that a build made. Null when that is everything that was measured, or nothing.
 */
export function sourcesThatRan(coverage: Coverage, own: (file: string) => boolean): string[] | null {
  const all = new Set(coverage.files.map(({ file }) => globAbove(file)));
  const ran = coverage.files.filter((each) => wasLoaded(each) && own(each.file)).map(({ file }) => globAbove(file));
  const sources = [...new Set(ran)].filter((glob) => !NOT_SOURCES.test(glob.replace('/**', ''))).toSorted();
  return sources.length === 0 || sources.length === all.size ? null : sources;
}

/** The top folder of a file as a glob of all in it; a file in no folder is its own. */
export function globAbove(file: string): string {
  const slash = file.indexOf('/');
  return slash < 0 ? file : `${file.slice(0, slash)}/**`;
}
