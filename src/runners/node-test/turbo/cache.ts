import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDir } from '../../../system/files.ts';

/** Bytecode of the installed packages of one project, for one version of Node. No fault of it is thrown: it costs speed, never a verdict. */
export type Cache = {
  /** What processes are told. Node's own folder is one further down, `entries/<tag>`. */
  readonly path: string;
  /** Makes the folder that processes read from; false when that cannot be. */
  readonly prepare: () => boolean;
  /** Adds a file that Node wrote, while there is room; false when it could not. */
  readonly add: (tag: string, key: string, from: string) => boolean;
  /** Whether anything stands in it that was not added, but written by a process. */
  readonly isWrittenTo: () => boolean;
  readonly clear: () => void;
};

/** What one project may take. */
const MAX_BYTES = 128 << 20;

/** An entry of ours can be read only; Node's writes leave one that can be written. That tells them apart. */
const OURS = 0o400;
const WRITABLE = 0o222;

/** Names the folder of a version of Node; the preload looks for its own. */
export const nodeName = (): string => `${process.version}-${process.arch}`;

/** Where all of this is kept for this user. */
export const turboDir = (): string => join(cacheDir(), 'turbo');

/** The cache of the project at `root`, a real path. */
export function cacheOf(root: string): Cache {
  return openCache(join(turboDir(), createHash('sha256').update(root).digest('hex').slice(0, 16)));
}

/** The cache in a folder, which need not exist yet. */
export function openCache(folder: string): Cache {
  const path = join(folder, nodeName());
  const entries = join(path, 'entries');
  let bytes: number | null = null;
  return {
    path,
    prepare: () => attempt(() => mkdirSync(entries, { recursive: true, mode: 0o700 })),
    add: (tag, key, from) =>
      attempt(() => {
        const { size } = lstatSync(from);
        bytes ??= sizeOf(entries);
        if (bytes + size > MAX_BYTES) throw new Error('full');
        place(from, join(path, `${key}.${process.pid}`), join(entries, tag, key));
        bytes += size;
      }),
    isWrittenTo: () => filesIn(entries).some((file) => (modeOf(file) & WRITABLE) !== 0),
    clear: () => {
      bytes = null;
      attempt(() => rmSync(entries, { recursive: true, force: true }));
    },
  };
}

/** The whole entry at once, for others read while it is written; by way of a draft, since the run's folder may be on another disk. */
function place(from: string, draft: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    copyFileSync(from, draft);
    chmodSync(draft, OURS);
    renameSync(draft, to);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function attempt(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

function modeOf(file: string): number {
  return lstatSync(file, { throwIfNoEntry: false })?.mode ?? OURS;
}

/** Size of all files below a folder, in bytes. */
export function sizeOf(folder: string): number {
  return filesIn(folder).reduce((sum, file) => sum + (lstatSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}
