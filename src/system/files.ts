import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** A file's text without a byte order mark; null when there is no such file. Other faults throw. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
    throw error;
  }
}

/** Whether something stands at a path, whatever it is and whoever may read it. */
export function exists(path: string): boolean {
  return existsSync(path);
}

/** Replaces a file at once: readers see the old text or the new one, never a part. Makes the folder when it is missing. */
export async function writeText(path: string, text: string | Buffer): Promise<void> {
  const { default: writeFileAtomic } = await import('write-file-atomic');
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, text);
}

/** A write takes so long at most, in ms: an older temporary file beside it was left by a process that was killed. */
const WRITING_MS = 60_000;

/** The same in a folder that holds nothing but files of ours: what killed writers left there goes on the way. */
export async function writeOwnText(path: string, text: string | Buffer): Promise<void> {
  await writeText(path, text);
  const folder = dirname(path);
  for (const name of readdirSync(folder).filter((each) => /\.\d+$/.test(each))) {
    const at = statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs;
    if (at !== undefined && at < Date.now() - WRITING_MS) rmSync(join(folder, name), { force: true });
  }
}

/** Where this user's caches of ours go: `$XDG_CACHE_HOME/pushgate`, by default `~/.cache/pushgate`. */
export function cacheDir(): string {
  const base = process.env['XDG_CACHE_HOME'];
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache'), 'pushgate');
}

/** Content hash of a file (sha-256, 16 hex digits are enough to tell versions of one file apart). */
export function hashFile(path: string): string {
  return hashOf(readFileSync(path));
}

/** The same of what was read from one. */
export function hashOf(bytes: Buffer): string {
  return digestOf(bytes).slice(0, SHORT);
}

const SHORT = 16;

/** Of what is compared with what was seen in other places and at other times: twice as long. */
export function digestOf(bytes: Buffer | string): string {
  return createHash('sha256')
    .update(bytes)
    .digest('hex')
    .slice(0, 2 * SHORT);
}

/** A path without symbolic links on the way; as it is when nothing stands there. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
