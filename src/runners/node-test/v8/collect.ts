import { closeSync, fstatSync, openSync, readSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RawSlice } from '../../../model/test-run.ts';
import { isAlive } from '../../../system/process-group.ts';
import type { Scanned, Scanner, Slice, Unusable } from './scan.ts';

/** What all coverage files together hold. */
export type Collected = {
  /** By the pid that owns it: that of a test file's process, or of a process no test file started. */
  readonly slicesOf: ReadonlyMap<number, readonly RawSlice[]>;
  /** By the same pid: the files of the repository that its processes loaded. */
  readonly loadedBy: ReadonlyMap<number, ReadonlySet<string>>;
  /** Processes that left at least one usable file. */
  readonly delivered: ReadonlySet<number>;
  /** Files that no verdict may rest on, and why: `reason` completes "its coverage …". */
  readonly unusable: readonly { readonly pid: number; readonly reason: string }[];
};

export type Collector = {
  /** Takes the files of processes that have ended: read, reduced and deleted. */
  readonly poll: () => void;
  /** Takes whatever is left, whoever wrote it. Call it once, when nothing writes any more. */
  readonly finish: () => Collected;
};

export type CollectorOptions = {
  /** Node's coverage directory. Descendants of the process <pid> write to `g/<pid>` in it. */
  readonly dir: string;
  readonly scanner: Scanner;
  readonly isDead?: (pid: number) => boolean;
};

/**
 * Opens the intake of coverage files for a suite that is about to run. A file is complete when its process is dead: worker threads write
 * theirs under the pid of a process that goes on. Files that Node did not name are left alone.
 */
export function openCollector({ dir, scanner, isDead = (pid) => !isAlive(pid) }: CollectorOptions): Collector {
  const read = openReader();
  const counts: Counts = new Map();
  const loadedBy = new Map<number, Set<string>>();
  const delivered = new Set<number>();
  const unusable: Collected['unusable'][number][] = [];
  const settled = new Set<string>();
  const undeletable = new Set<string>();

  const sweep = (folder: string, owner: number | null, ready: (pid: number) => boolean): void => {
    for (const name of namesIn(folder)) {
      const pid = pidOf(name);
      const path = join(folder, name);
      if (pid === null || undeletable.has(path) || !ready(pid)) continue;
      const found = scanFile(path, read, scanner);
      if ('reason' in found) unusable.push({ pid, reason: found.reason });
      else {
        delivered.add(pid);
        add(counts, owner ?? pid, found.slices);
        addAll(loadedBy, owner ?? pid, found.loaded);
      }
      if (!remove(path)) undeletable.add(path);
    }
  };

  const poll = (): void => {
    sweep(dir, null, isDead);
    for (const name of namesIn(join(dir, 'g'))) {
      if (settled.has(name)) continue;
      // What outlives its test file's process is left to the end: looking into a thousand empty folders four times a second is not free.
      if (isDead(Number(name))) settled.add(name);
      sweep(join(dir, 'g', name), Number(name), isDead);
    }
  };

  const finish = (): Collected => {
    sweep(dir, null, () => true);
    for (const name of namesIn(join(dir, 'g'))) sweep(join(dir, 'g', name), Number(name), () => true);
    return { slicesOf: slicesOf(counts), loadedBy, delivered, unusable };
  };
  return { poll, finish };
}

/** By owner, url and text: how many processes or threads left it. */
type Counts = Map<number, Map<string, Map<string, number>>>;

function add(counts: Counts, owner: number, slices: readonly Slice[]): void {
  const byUrl = counts.get(owner) ?? new Map<string, Map<string, number>>();
  counts.set(owner, byUrl);
  for (const { url, text } of slices) {
    const byText = byUrl.get(url) ?? new Map<string, number>();
    byUrl.set(url, byText);
    byText.set(text, (byText.get(text) ?? 0) + 1);
  }
}

function addAll(sets: Map<number, Set<string>>, owner: number, items: readonly string[]): void {
  if (items.length === 0) return;
  const set = sets.get(owner) ?? new Set<string>();
  sets.set(owner, set);
  for (const item of items) set.add(item);
}

function slicesOf(counts: Counts): Map<number, RawSlice[]> {
  const owners = new Map<number, RawSlice[]>();
  for (const [owner, byUrl] of counts) {
    owners.set(
      owner,
      [...byUrl].flatMap(([url, byText]) => [...byText].map(([text, count]) => ({ url, text, count }))),
    );
  }
  return owners;
}

function pidOf(name: string): number | null {
  const match = /^coverage-([1-9]\d*)-\d+-\d+\.json$/.exec(name);
  return match ? Number(match[1]) : null;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Not there yet, or a test deleted it: the processes it is missing from are told by `delivered`.
  }
}

function remove(path: string): boolean {
  try {
    rmSync(path, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

function scanFile(path: string, read: (path: string) => Buffer, scanner: Scanner): Scanned | Unusable {
  try {
    return scanner.scan(read(path));
  } catch (error) {
    return { reason: `could not be read (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})` };
  }
}

/** Reads files one after the other into the same memory; a buffer is only good until the next one is read. */
function openReader(): (path: string) => Buffer {
  let memory = Buffer.allocUnsafeSlow(1 << 20);
  return (path) => {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      if (size > memory.length) memory = Buffer.allocUnsafeSlow(size + (size >> 2));
      let length = 0;
      for (let got = -1; got !== 0 && length < size; length += got) got = readSync(file, memory, length, size - length, length);
      return memory.subarray(0, length);
    } finally {
      closeSync(file);
    }
  };
}
