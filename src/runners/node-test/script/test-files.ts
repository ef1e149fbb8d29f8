import { readdirSync, statSync, type Dirent } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { matcher } from '../../../formats/globs.ts';

/** Which of Node's rules for finding test files hold. */
export type FileRules = {
  /** Major version of Node: 20 has a rule of its own. */
  readonly major: number;
  /** TypeScript files count as well. */
  readonly typescript: boolean;
};

const MAGIC = /[*?[\]{}]|[!+@]\(/;

/** Node's default patterns, as its documentation writes them. */
export function defaultPatterns(rules: FileRules): string {
  const ending = rules.typescript ? '{js,mjs,cjs,ts,mts,cts}' : '{js,mjs,cjs}';
  return ['*.test', '*-test', '*_test', 'test-*', 'test', 'test/**/*'].map((name) => `**/${name}.${ending}`).join(' ');
}

/** The files that `node --test` without arguments runs in `cwd`, relative to it, sorted. */
export function defaultTestFiles(cwd: string, rules: FileRules): string[] {
  if (rules.major < 21) return filesOfFolder(cwd, cwd, rules, false);
  const ending = rules.typescript ? /\.[cm]?[jt]s$/ : /\.[cm]?js$/;
  const files = listFiles(cwd, false).filter((file) => {
    const folders = file.split('/').slice(0, -1);
    return ending.test(file) && (folders.includes('test') || /^(?:test(?:-.*)?|.*[._-]test)\.[^.]+$/.test(basename(file)));
  });
  return files.toSorted();
}

/** The files that the arguments of `node --test` stand for, relative to `cwd`, sorted, and the arguments that stand for none. */
export function namedTestFiles(cwd: string, names: readonly string[], rules: FileRules): { files: string[]; missing: string[] } {
  const files = new Set<string>();
  const missing: string[] = [];
  for (const name of names) {
    const found = filesOfName(cwd, name, rules);
    if (found.length === 0) missing.push(name);
    for (const file of found) files.add(file);
  }
  return { files: [...files].toSorted(), missing };
}

function filesOfName(cwd: string, name: string, rules: FileRules): string[] {
  const stats = statSync(resolve(cwd, name), { throwIfNoEntry: false });
  if (stats?.isFile() === true) return [slashed(relative(cwd, resolve(cwd, name)))];
  if (stats?.isDirectory() !== true) return MAGIC.test(name) ? globFiles(cwd, name) : [];
  const folder = resolve(cwd, name);
  // From Node 21 a folder is no folder of tests but a module: its index is the one file that runs.
  const index = rules.major < 21 ? undefined : ['index.js', 'index.cjs', 'index.mjs'].find((file) => isFile(join(folder, file)));
  return index === undefined ? filesOfFolder(cwd, folder, rules, false) : [slashed(relative(cwd, join(folder, index)))];
}

/** Files that match a glob, relative to `cwd`. Names with a leading dot only match where the glob has one; node_modules never does. */
export function globFiles(cwd: string, glob: string): string[] {
  const segments = glob.replaceAll('\\', '/').split('/');
  const magic = segments.findIndex((segment) => MAGIC.test(segment));
  const literal = magic < 0 ? segments.slice(0, -1) : segments.slice(0, magic);
  const base = resolve(cwd, literal.join('/') || (glob.startsWith('/') ? '/' : '.'));
  const rest = segments.slice(literal.length).join('/');
  const matches = matcher([rest]);
  return listFiles(base, /(?:^|[/{,])\.[^./]/.test(rest))
    .filter((file) => matches(file))
    .map((file) => slashed(relative(cwd, join(base, file))))
    .toSorted();
}

/** Node 20's rule for a folder: everything below one named `test`, elsewhere files with the name of a test. */
function filesOfFolder(cwd: string, folder: string, rules: FileRules, underTest: boolean): string[] {
  const ending = rules.typescript ? '[cm]?[jt]s' : '[cm]?js';
  const wanted = new RegExp(underTest || basename(folder) === 'test' ? `\\.${ending}$` : `(?:^test(?:-.+)?|.+[._-]test)\\.${ending}$`);
  const inTest = underTest || basename(folder) === 'test';
  return entriesOf(folder)
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (isFolder(entry, path)) return entry.name === 'node_modules' ? [] : filesOfFolder(cwd, path, rules, inTest);
      return wanted.test(entry.name) ? [slashed(relative(cwd, path))] : [];
    })
    .toSorted();
}

/** All files below a folder outside node_modules, relative to it. Links to folders are not followed. */
export function listFiles(folder: string, dot: boolean): string[] {
  const files: string[] = [];
  const visit = (path: string, prefix: string): void => {
    for (const entry of entriesOf(path)) {
      if (entry.name === 'node_modules' || (!dot && entry.name.startsWith('.')) || entry.name === '.git') continue;
      if (entry.isDirectory()) visit(join(path, entry.name), `${prefix}${entry.name}/`);
      else if (entry.isFile() || isFile(join(path, entry.name))) files.push(prefix + entry.name);
    }
  };
  visit(folder, '');
  return files;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // A folder that is missing or closed to us holds no tests that could run.
    return [];
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
const isFolder = (entry: Dirent, path: string): boolean => entry.isDirectory() && !path.endsWith(`${sep}.git`);
const slashed = (path: string): string => path.split(sep).join('/');
