import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../../system/process-group.ts';
import { makeDir } from '../../../system/temp.ts';
import { layoutOf } from '../v8/layout.ts';
import type { Cache } from './cache.ts';
import { isBelowModules, isInstalled, keysOf } from './keys.ts';

/** What a run does with a cache: takes from it alone, or also adds what is not in it. */
export type Mode = 'read' | 'fill';

/** A cache while a run uses it. */
export type Session = {
  /** Begins in the folder of a run; returns the value of PUSHGATE_TURBO in the suite's environment, null when the cache cannot be used. */
  readonly open: (runDir: string) => string | null;
  /** Whether a process wrote to the cache since it began: what the run counted proves nothing then. */
  readonly wasWrittenTo: () => boolean;
  /** Takes in which scripts a process ran: a coverage file as Node wrote it. What is measured is never cached, wherever it stands. */
  readonly note: (coverage: Buffer, isSource: (url: string) => boolean) => void;
  /** Adds what processes that have ended would have written. */
  readonly poll: () => void;
  /** The same for all that is left. Call it once, when all coverage has been noted. */
  readonly finish: () => void;
  /** Scripts of packages that were met, by key. */
  readonly met: ReadonlySet<string>;
  /** Entries that Node had to make because the cache did not have them. */
  readonly missed: () => number;
};

/** A run that only reads looks at one coverage file in so many for scripts it does not know. */
const SAMPLE = 8;

const URLS = ['file:///'].map((prefix) => Buffer.from(prefix));

/** Opens a cache for a run. */
export function openSession(cache: Cache, mode: Mode): Session {
  const met = new Set<string>();
  const looked = new Set<string>();
  const allowed = new Set<string>();
  const late = new Set<string>();
  let noted = 0;
  let missed = 0;

  const look = (url: string, isSource: (url: string) => boolean): void => {
    if (looked.has(url)) return;
    looked.add(url);
    const keys = isBelowModules(url) && isInstalled(url) && !isSource(url) ? keysOf(url) : [];
    for (const key of keys) allowed.add(key);
    if (keys[0] !== undefined) met.add(keys[0]);
  };

  const take = (folder: string): void => {
    for (const tag of namesIn(folder)) {
      for (const key of namesIn(join(folder, tag)).filter((name) => allowed.has(name))) {
        missed += 1;
        cache.add(tag, key, join(folder, tag, key));
      }
    }
    rmSync(folder, { recursive: true, force: true });
  };

  let links = '';
  const staged = (): string[] => (mode === 'fill' ? namesIn(links).filter((name) => name.endsWith('-new')) : []);

  return {
    met,
    missed: () => missed,
    open: (runDir) => {
      // Left by a process of a run that was killed before it could tell.
      if (cache.isWrittenTo()) cache.clear();
      if (!cache.prepare()) return null;
      links = makeDir(runDir, 'cache');
      return `${mode}:${cache.path}`;
    },
    wasWrittenTo: () => links !== '' && cache.isWrittenTo(),
    note: (coverage, isSource) => {
      if (mode === 'read' && noted++ % SAMPLE !== 0) return;
      for (const { url } of layoutOf(coverage, URLS)?.places ?? []) look(url, isSource);
    },
    poll: () => {
      for (const name of staged()) {
        // What its coverage tells of it may be read only in this turn: the next one knows.
        if (late.has(name)) take(join(links, name));
        else if (!isAlive(Number.parseInt(name, 10))) late.add(name);
      }
    },
    finish: () => {
      for (const name of staged()) take(join(links, name));
    },
  };
}

function namesIn(folder: string): string[] {
  try {
    return existsSync(folder) ? readdirSync(folder) : [];
  } catch {
    return [];
  }
}
