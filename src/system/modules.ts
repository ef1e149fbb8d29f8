import { copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, realpathSync, symlinkSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { digestOf, readText } from './files.ts';

/**
 * What npm, pnpm and Yarn note below `node_modules` of what they installed. What is there may be older than the lock file that is checked out.
 * Tools read them; other hidden entries are caches, which a private copy does not share.
 */
export const INSTALL_NOTES: readonly string[] = [
  '.package-lock.json',
  '.modules.yaml',
  '.pnpm/lock.yaml',
  '.yarn-state.yml',
  '.yarn-integrity',
];

/** The notes of a folder and of those above it up to `top`: their texts' digest. */
export function installNotes(from: string, top: string): string {
  const texts: (string | null)[] = [];
  for (let dir = from; ; dir = dirname(dir)) {
    for (const name of INSTALL_NOTES) texts.push(readText(join(dir, 'node_modules', name)));
    if (dir === top || dir === dirname(dir)) return digestOf(JSON.stringify(texts));
  }
}

/**
 * Gives a private copy the installed packages: in each of the folders (relative to the top) a real `node_modules` with one link per entry.
 * Not one link for all: packages of the repository itself (workspaces) would lead back into the user's work tree, so links to them are
 * pointed into the copy.
 */
export function linkModules(from: string, to: string, folders: readonly string[]): void {
  const top = realpathSync(from);
  for (const folder of folders) {
    const source = join(top, folder, 'node_modules');
    if (!existsSync(source) || !existsSync(join(to, folder))) continue;
    linkEntries({ source, target: join(to, folder, 'node_modules'), top, to });
  }
}

type Folders = {
  readonly source: string;
  readonly target: string;
  /** The tops of the user's work tree and of the copy. */
  readonly top: string;
  readonly to: string;
};

function linkEntries(folders: Folders): void {
  const { source, target } = folders;
  mkdirSync(target, { recursive: true });
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const inside = { ...folders, source: join(source, entry.name), target: join(target, entry.name) };
    if (present(inside.target)) continue;
    if (entry.isSymbolicLink()) symlinkSync(pointed(inside), inside.target);
    else if (INSTALL_NOTES.includes(entry.name)) copyFileSync(inside.source, inside.target);
    else if (entry.isDirectory() && (entry.name === '.bin' || entry.name.startsWith('@'))) linkEntries(inside);
    else if (!entry.name.startsWith('.') || entry.name === '.pnpm' || basename(source) === '.bin')
      symlinkSync(inside.source, inside.target);
  }
}

/** Where a copied link leads: into the copy for what belongs to the repository, else where it led before. */
function pointed({ source, target, top, to }: Folders): string {
  const written = readlinkSync(source);
  const real = resolve(dirname(source), written);
  const inside = relative(top, real);
  if (inside.startsWith('..') || isAbsolute(inside)) return real;
  const parts = inside.split(sep);
  // Inside node_modules the copy has an entry of the same name, and a relative link keeps leading there.
  if (source.includes(`${sep}.bin${sep}`)) return isAbsolute(written) ? join(to, inside) : written;
  return parts.includes('node_modules') ? real : relative(dirname(target), join(to, inside));
}

function present(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
