import { dirname, join, posix } from 'node:path';
import { askedPackages, isInstalled, isInstalledByPnpm } from '../../formats/installed.ts';
import { entriesAt } from '../../system/blobs.ts';
import { exists, readText } from '../../system/files.ts';
import type { Repository } from '../../system/repository.ts';

/** Lock files and the command that installs what they list. */
const LOCK_FILES: readonly (readonly [file: string, install: string])[] = [
  ['npm-shrinkwrap.json', 'npm ci'],
  ['package-lock.json', 'npm ci'],
  ['pnpm-lock.yaml', 'pnpm install --frozen-lockfile'],
  ['yarn.lock', 'yarn install --immutable'],
  ['bun.lock', 'bun install --frozen-lockfile'],
];

const NONE = '[]';

/** Packages that a commit asks for and that the checkout has not installed: the file that lists them, and what installs them. */
export type NotInstalled = { readonly file: string; readonly install: string };

/**
 * Compares what a commit asks for with what is installed in the user's work tree; null when that is the same. For npm the installed versions
 * themselves are compared with the lock file. Of others the lock file has to be the one in the work tree; what pnpm notes has to be in it. Without a lock
 * file that goes for the dependencies of `package.json`; who asks for nothing needs nothing installed.
 */
export async function notInstalled(repo: Repository, top: string, commit: string, folder: string): Promise<NotInstalled | null> {
  const folders = upwards(folder);
  const places = folders.flatMap((dir) => LOCK_FILES.map(([file, install]) => ({ dir, path: posix.join(dir, file), install })));
  const manifest = posix.join(folder, 'package.json');
  const entries = await entriesAt(repo, commit, [manifest, ...places.map(({ path }) => path)]);
  const textOf = (path: string): string | null => {
    const entry = entries.get(path);
    return entry?.kind === 'file' ? entry.bytes.toString('utf8') : null;
  };
  const asked = askedPackages(textOf(manifest));
  const isThere = hasPackages(join(top, folder));
  const lock = places.find(({ path }) => entries.has(path));
  if (lock === undefined) {
    const same = asked === NONE || (isThere && asked === askedPackages(readText(join(top, manifest))));
    return same ? null : { file: manifest, install: 'npm install' };
  }
  if (asked === NONE && !isThere) return null;
  const note = readText(join(top, lock.dir, 'node_modules', '.package-lock.json'));
  const text = textOf(lock.path) ?? '';
  const byVersion = lock.path.endsWith('.json') && note !== null ? isInstalled(text, note) : null;
  const pnpm = lock.path.endsWith('pnpm-lock.yaml') ? readText(join(top, lock.dir, 'node_modules', '.pnpm', 'lock.yaml')) : null;
  if (pnpm !== null && isInstalledByPnpm(text, pnpm) === false) return { file: lock.path, install: lock.install };
  const same = byVersion ?? (isThere && text === readText(join(top, lock.path))?.replaceAll('\r\n', '\n'));
  return same ? null : { file: lock.path, install: lock.install };
}

/** Packages may also be installed above the repository, and Yarn can do without the folder. */
function hasPackages(root: string): boolean {
  for (let dir = root; ; dir = dirname(dir)) {
    if (['node_modules', '.pnp.cjs'].some((name) => exists(join(dir, name)))) return true;
    if (dir === dirname(dir)) return false;
  }
}

/** The folder itself and those above it, up to the top of the repository. */
function upwards(folder: string): string[] {
  const parts = folder === '' ? [] : folder.split('/');
  return Array.from({ length: parts.length + 1 }, (_, index) => parts.slice(0, parts.length - index).join('/'));
}

/** The folders of a commit that have packages of their own: every one with a `package.json`. */
export async function packageFolders(repo: Repository, commit: string): Promise<string[]> {
  const listed = await repo.git('ls-tree', '-r', '-z', '--name-only', commit);
  const manifests = (listed ?? '').split('\0').filter((path) => path === 'package.json' || path.endsWith('/package.json'));
  return [...new Set(['', ...manifests.map((path) => (path === 'package.json' ? '' : posix.dirname(path)))])];
}
