import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { isAlive } from './process-group.ts';

/** How long another may take to clear a lock whose owner is dead, in ms; after that it is dead itself. */
const CLEARING_MS = 10_000;

/**
 * Takes a lock, a file that names its owner; null when a living process has it. The file appears complete or not at all, and one whose
 * owner was killed is taken over. Returns what gives it back.
 */
export function tryLock(path: string): (() => void) | null {
  if (create(path) || (clear(path) && create(path))) {
    return () => rmSync(path, { force: true });
  }
  return null;
}

function create(path: string): boolean {
  const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, ownerOf(process.pid));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes the lock of a dead owner. One at a time: who comes second could remove the lock that the first has just made. */
function clear(path: string): boolean {
  if (hasLivingOwner(path)) return false;
  const guard = `${path}.clearing`;
  if (!makeGuard(guard)) return false;
  try {
    if (hasLivingOwner(path)) return false;
    unlinkSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

function makeGuard(guard: string): boolean {
  try {
    mkdirSync(guard);
    return true;
  } catch {
    return ageMs(guard) > CLEARING_MS && retryGuard(guard);
  }
}

function retryGuard(guard: string): boolean {
  try {
    rmdirSync(guard);
    mkdirSync(guard);
    return true;
  } catch {
    return false;
  }
}

function ageMs(path: string): number {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}

function hasLivingOwner(path: string): boolean {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return false;
  }
  const pid = Number(text.split(' ')[0]);
  return Number.isInteger(pid) && pid > 0 && isAlive(pid) && ownerOf(pid) === text;
}

/** A process and when it started: its number alone may have been given to another. */
function ownerOf(pid: number): string {
  return `${pid} ${startOf(pid)}`;
}

/** Ticks since boot; empty where the platform does not tell. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
