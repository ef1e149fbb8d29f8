import { basename, dirname, extname, relative, sep } from 'node:path';
import type { Input, InputKind, Observed } from '../../model/inputs.ts';
import { memoized } from './memoized.ts';
import type { ProcessLog } from './records.ts';

/** What the processes of one test file noted, by the process that owns them. */
export type Notes = {
  /** Kind and absolute path, as `track.cts` writes them. */
  readonly inputs: ReadonlySet<string>;
  readonly endedPids: ReadonlySet<number>;
  /** Workers by process and thread: those that were made, and those whose notes are here or that did nothing. */
  readonly workers: Readonly<Record<WorkerState, ReadonlySet<string>>>;
};

type WorkerState = 'made' | 'watched';

/** What a process writes: at its end all that it noted, a worker each note by itself. */
export type NotesEntry = {
  readonly owner: number;
  readonly pid: number;
  readonly inputs: readonly string[];
  readonly ended: boolean;
  readonly worker?: { readonly thread: number; readonly is: WorkerState };
};

/** Gathers the notes of a run's processes, by owner. Many note the same: of equal notes one is kept. */
export function openNotes(): { readonly add: (entry: NotesEntry) => void; readonly byOwner: ReadonlyMap<number, Notes> } {
  const byOwner = new Map<number, ReturnType<typeof none>>();
  const kept = memoized((note: string) => note);
  const add = ({ owner, pid, inputs, ended, worker }: NotesEntry): void => {
    const notes = byOwner.get(owner) ?? none();
    byOwner.set(owner, notes);
    if (ended) notes.endedPids.add(pid);
    if (worker !== undefined) notes.workers[worker.is].add(`${pid} ${worker.thread}`);
    for (const input of inputs) notes.inputs.add(kept(input));
  };
  return { add, byOwner };
}

const none = () => ({
  inputs: new Set<string>(),
  endedPids: new Set<number>(),
  workers: { made: new Set<string>(), watched: new Set<string>() },
});

export type Watched = {
  /** The repository's top folder, real. */
  readonly top: string;
  readonly processes: ProcessLog;
  readonly notes: ReadonlyMap<number, Notes>;
  readonly loadedBy: ReadonlyMap<number, ReadonlySet<string>>;
};

/** Tells what a test file depends on by the processes it ran in; `lost` when coverage of one of them is missing. */
export function observer({ top, processes, notes, loadedBy }: Watched): (pids: readonly number[], lost: boolean) => Observed {
  const startsOf = startsByOwner(processes);
  // Test files of one suite have most of what they depend on in common.
  const inputOf = memoized((note) => inputOfNote(note, top));
  const inputsOf = memoized((module) => inputsOfModule(below(top, module)));
  return (pids, lost) => {
    const inputs = new Set<Input>();
    let untracked = pids.length === 0 ? 'its process is not known' : lost ? 'a process of it was lost' : null;
    for (const pid of pids) {
      const own = notes.get(pid);
      if (startsOf.get(pid)?.some((start) => own?.endedPids.has(start) !== true)) untracked ??= 'a process of it was ended from outside';
      for (const note of own?.inputs ?? []) {
        const input = inputOf(note);
        if (typeof input === 'string') inputs.add(input);
        else untracked ??= `it talks to ${input.host}`;
      }
      if (own !== undefined && [...own.workers.made].some((worker) => !own.workers.watched.has(worker))) inputs.add(UNWATCHED);
      for (const module of loadedBy.get(pid) ?? []) for (const input of inputsOf(module)) inputs.add(input);
    }
    return { inputs: [...inputs], untracked };
  };
}

/** It has an environment or flags of its own, or had not begun when the process ended. */
const UNWATCHED: Input = 'everything a worker that was not watched';

/** The processes of each test file's process, itself included. */
function startsByOwner({ starts }: ProcessLog): Map<number, number[]> {
  const byOwner = new Map<number, number[]>();
  for (const { pid, owner } of starts) {
    for (const each of new Set([pid, Number(owner ?? pid)])) {
      const pids = byOwner.get(each);
      if (pids === undefined) byOwner.set(each, [pid]);
      else pids.push(pid);
    }
  }
  return byOwner;
}

function inputOfNote(note: string, top: string): Input | { readonly host: string } {
  const space = note.indexOf(' ');
  const [kind, what] = [note.slice(0, space) as InputKind | 'untracked', note.slice(space + 1)];
  if (kind === 'untracked') return { host: what };
  return `${kind} ${kind === 'env' || kind === 'everything' || kind === 'filenames' ? what : below(top, what)}`;
}

function below(top: string, path: string): string {
  return relative(top, path).split(sep).join('/');
}

/** A module, and what a loader would take in its place if it stood beside it: the same name with another ending, for an index the folder's. */
function inputsOfModule(path: string): Input[] {
  const dir = dirname(path) === '.' ? '' : `${dirname(path)}/`;
  const stem = basename(path, extname(path));
  const folder: Input[] = stem === 'index' && dir !== '' ? [`stem ${dir.slice(0, -1)}`] : [];
  return [`file ${path}`, `stem ${dir}${stem}`, ...folder];
}

const IMPORT = /\bimport\s*\(\s*(?:(["'`])([^"'`$\\]*)\1\s*[,)])?/g;

/**
 * Relative modules that a source asks for while it runs, and `*` when it makes up their names: what is not found leaves no trace. Words in
 * comments and strings count too; that costs a run, never a verdict.
 */
export function lazyImportsOf(text: string): string[] {
  const found = new Set<string>();
  for (const [, quote, specifier] of text.matchAll(IMPORT)) {
    if (quote === undefined || specifier?.startsWith('#') === true) found.add('*');
    else if (specifier !== undefined && /^\.{0,2}\//.test(specifier)) found.add(specifier);
  }
  return [...found];
}

/** What only people and registries read. A program that reads it is seen reading the file. */
const ABOUT = /^(?:description|keywords|author|contributors|maintainers|licen[cs]es?|repository|bugs|homepage|funding)$/;

/** What a loader may act on in a `package.json`, which it reads unseen: all but the description of the package. Null when it is not JSON. */
export function effectOfManifest(text: string): string | null {
  try {
    const manifest: unknown = JSON.parse(text);
    if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest)) return null;
    return JSON.stringify(Object.entries(manifest).filter(([name]) => !ABOUT.test(name)));
  } catch {
    return null;
  }
}
