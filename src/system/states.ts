import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { digestOf } from './files.ts';

/** What is remembered of a file so that it need not be read again: its stat, its state, and what `note` made of its text. */
export type Remembered = readonly [stat: string, state: string, notes: readonly string[]];

export type States = {
  /** Content, kind and mode of what stands at a path (relative to the top); `absent` for nothing. */
  readonly file: (path: string) => string;
  /** Whether a file has the content with this hash (that of `system/files.ts`, with which the state of a file begins). */
  readonly holds: (path: string, hash: string) => boolean;
  /** What a folder holds. */
  readonly names: (path: string) => string;
  /** All names and contents below a folder. */
  readonly under: (path: string) => string;
  /** The files whose name is that of the path, with any one ending or none. */
  readonly stem: (path: string) => string;
  /** What `note` made of a file's text. */
  readonly notes: (path: string) => readonly string[];
  /** Whether a file, a folder, what is below it, or a file of the stem changed at a time or later (ms, by the file system's clock). */
  readonly changedSince: (kind: 'file' | 'names' | 'under' | 'stem', path: string, sinceMs: number) => boolean;
  /** To be handed to the next reader. */
  readonly remembered: () => Map<string, Remembered>;
};

/** A file that changed so shortly before it was read may change again without a new time. */
const RACY_MS = 1_000;

/** Reads states of files below `top`, each once. `note` looks at the text of files that `notes` is asked for. */
export function openStates(
  top: string,
  known: ReadonlyMap<string, Remembered>,
  note: (text: string, path: string) => readonly string[],
): States {
  const readAt = Date.now();
  const files = new Map<string, Remembered>();
  const listings = new Map<string, string[] | null>();
  const stems = new Map<string, ReadonlyMap<string, readonly string[]>>();
  const stats = new Map<string, Stats | null>();

  const statOf = (path: string): Stats | null => remember(stats, path, () => statAt(join(top, path)));
  const read = (path: string): Remembered =>
    remember(files, path, () => {
      const stat = statOf(path);
      if (stat === null) return ['', 'absent', []];
      if (stat.isDirectory()) return ['', 'dir', []];
      if (stat.isSymbolicLink()) return ['', linkState(path), []];
      if (!stat.isFile()) return ['', 'special', []];
      const print = printOf(stat);
      const before = known.get(path);
      return before?.[0] === print ? before : contentOf(path, stat, print);
    });
  const contentOf = (path: string, stat: Stats, print: string): Remembered => {
    try {
      const bytes = readFileSync(join(top, path));
      return [print, `${digestOf(bytes)}${(stat.mode & 0o111) === 0 ? '' : 'x'}`, note(bytes.toString('utf8'), path)];
    } catch (error) {
      return ['', `unreadable ${(error as NodeJS.ErrnoException).code}`, []];
    }
  };
  const linkState = (path: string): string => {
    const target = targetOf(join(top, path));
    return `link ${target} ${digestOf(readOrEmpty(join(top, path)))}`;
  };
  const list = (path: string): string[] | null => remember(listings, path, () => namesIn(join(top, path)));
  const below = (path: string): string[] =>
    (list(path) ?? []).flatMap((name) => {
      const inner = path === '' ? name : `${path}/${name}`;
      return name === 'node_modules' || name === '.git' ? [] : [inner, ...(statOf(inner)?.isDirectory() === true ? below(inner) : [])];
    });
  const stemsIn = (dir: string): ReadonlyMap<string, readonly string[]> => remember(stems, dir, () => byStem(dir, list(dir) ?? []));
  const stemOf = (path: string): readonly string[] => stemsIn(folderOf(path)).get(basename(path)) ?? [];
  const namesState = (path: string): string => {
    const names = list(path);
    return names === null
      ? 'absent'
      : digestOf(names.map((name) => `${name}${statOf(join(path, name))?.isDirectory() === true ? '/' : ''}`).join('\n'));
  };
  const underState = (path: string): string =>
    statOf(path)?.isDirectory() === true
      ? digestOf(
          below(path)
            .map((each) => `${each} ${read(each)[1]}`)
            .join('\n'),
        )
      : read(path)[1];
  const changed = (path: string, sinceMs: number): boolean => (statOf(path)?.ctimeMs ?? Infinity) >= sinceMs;
  return {
    file: (path) => read(path)[1],
    holds: (path, hash) => read(path)[1].startsWith(hash),
    names: namesState,
    under: underState,
    stem: (path) => stemOf(path).join('\n'),
    notes: (path) => read(path)[2],
    changedSince: (kind, path, sinceMs) => {
      if (kind === 'stem') return stemOf(path).some((each) => changed(each, sinceMs));
      return changed(path, sinceMs) || (kind === 'under' && below(path).some((each) => changed(each, sinceMs)));
    },
    remembered: () =>
      new Map([...files].filter(([path, [print]]) => print !== '' && (stats.get(path)?.ctimeMs ?? Infinity) < readAt - RACY_MS)),
  };
}

function remember<Value>(seen: Map<string, Value>, path: string, make: () => Value): Value {
  const before = seen.get(path);
  if (before !== undefined) return before;
  const made = make();
  seen.set(path, made);
  return made;
}

/** Paths of a folder's files by name, with its ending and without. */
function byStem(dir: string, names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const stems = new Map<string, string[]>();
  for (const name of names) {
    const path = dir === '' ? name : `${dir}/${name}`;
    const dot = name.lastIndexOf('.');
    for (const stem of dot < 0 ? [name] : [name, name.slice(0, dot)]) remember(stems, stem, () => []).push(path);
  }
  return stems;
}

const folderOf = (path: string): string => (dirname(path) === '.' ? '' : dirname(path));

function printOf(stat: Stats): string {
  return [stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino, stat.mode].join(' ');
}

function statAt(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

function namesIn(path: string): string[] | null {
  try {
    return readdirSync(path).toSorted();
  } catch {
    return null;
  }
}

function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '?';
  }
}

function readOrEmpty(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
