import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { INSTALL_NOTES } from '../../../system/modules.ts';

/** What is noted beside a cache. */
export type CacheState = {
  /** Scripts that a run has had the chance to add, by key. */
  readonly tried: readonly string[];
  /** A run met scripts of packages that none has had the chance to add. */
  readonly isPending: boolean;
  /** When the cache was begun, ms since 1970. */
  readonly since: number;
  /** What was installed then. */
  readonly installed: string;
  /** A process wrote to the cache, so the project does without. */
  readonly isOff: boolean;
  /** When it was last found out that this project's tests cannot tell whether a cache changes coverage, ms since 1970; 0 for never. */
  readonly undecidedAt: number;
};

const FORMAT = 1;
const NOTHING: CacheState = { tried: [], isPending: true, since: 0, installed: '', isOff: false, undecidedAt: 0 };

/** What is noted in a folder; as if nothing were, when it cannot be read or another version wrote it. */
export function readState(folder: string): CacheState {
  const kept = readRecord(join(folder, 'state.json'));
  const { tried, isPending, since, installed, isOff, undecidedAt } = kept as Partial<CacheState>;
  const isWhole =
    Array.isArray(tried) &&
    tried.every((key) => typeof key === 'string') &&
    [isPending, isOff].every((flag) => typeof flag === 'boolean') &&
    [since, undecidedAt].every((time) => typeof time === 'number') &&
    typeof installed === 'string';
  return isWhole ? (kept as CacheState) : NOTHING;
}

/** Notes a change; what cannot be written is found out anew by the next run. */
export function noteState(folder: string, change: Partial<CacheState>): void {
  writeRecord(join(folder, 'state.json'), { ...readState(folder), ...change });
}

/** A file of ours, `{}` when it is missing, damaged or of another version. */
export function readRecord(path: string): object {
  try {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as { format?: unknown } | null;
    return kept?.format === FORMAT ? kept : {};
  } catch {
    return {};
  }
}

export function writeRecord(path: string, record: object): void {
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(draft, JSON.stringify({ ...record, format: FORMAT }));
    renameSync(draft, path);
  } catch {
    rmSync(draft, { force: true });
  }
}

/** A name for what package managers noted when they last installed something in the folders from `root` upwards. */
export function installedIn(root: string): string {
  const notes: string[] = [];
  for (let dir = root; ; dir = dirname(dir)) {
    for (const name of INSTALL_NOTES) {
      const note = statSync(join(dir, 'node_modules', name), { throwIfNoEntry: false });
      if (note !== undefined) notes.push(`${name} ${note.mtimeMs} ${note.size}`);
    }
    if (dir === dirname(dir)) return notes.join('; ');
  }
}
