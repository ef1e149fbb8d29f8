import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, relative, sep } from 'node:path';
import type { Input, InputKind, Observed } from '../../model/inputs.ts';
import type { ProcessLog } from './records.ts';

/** What the processes of one test file noted, by the process that owns them. */
export type Notes = {
  readonly inputs: ReadonlySet<string>;
  readonly endedPids: ReadonlySet<number>;
};

/** Reads what `track.cts` left in the run's folder. A file that cannot be read counts as missing. */
export function readNotes(dir: string): Map<number, Notes> {
  const owners = new Map<number, { inputs: Set<string>; endedPids: Set<number> }>();
  for (const name of readdirSync(dir)) {
    const [, owner, pid] = /^inputs-(\d+)-(\d+)-\d+\.txt$/.exec(name) ?? [];
    if (owner === undefined || pid === undefined) continue;
    const notes = owners.get(Number(owner)) ?? { inputs: new Set<string>(), endedPids: new Set<number>() };
    owners.set(Number(owner), notes);
    for (const line of linesOf(`${dir}/${name}`)) {
      if (line === '["end",""]') notes.endedPids.add(Number(pid));
      else if (line !== '') notes.inputs.add(line);
    }
  }
  return owners;
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

export type Watched = {
  /** The repository's top folder, real. */
  readonly top: string;
  readonly processes: ProcessLog;
  readonly notes: ReadonlyMap<number, Notes>;
  readonly loadedBy: ReadonlyMap<number, ReadonlySet<string>>;
};

/** What a test file depends on that ran in these processes; `lost` when coverage of one of them is missing. */
export function observedOf(pids: readonly number[], lost: boolean, { top, processes, notes, loadedBy }: Watched): Observed {
  const inputs = new Set<Input>();
  let untracked = pids.length === 0 ? 'its process is not known' : lost ? 'a process of it was lost' : null;
  for (const pid of pids) {
    const own = notes.get(pid);
    const started = processes.starts.filter((start) => start.pid === pid || start.owner === String(pid));
    if (started.some((start) => own?.endedPids.has(start.pid) !== true)) untracked ??= 'a process of it was ended from outside';
    for (const line of own?.inputs ?? []) {
      const [kind, what] = JSON.parse(line) as [InputKind | 'untracked', string];
      if (kind === 'untracked') untracked ??= `it talks to ${what}`;
      else inputs.add(`${kind} ${kind === 'env' || kind === 'everything' ? what : below(top, what)}`);
    }
    for (const path of loadedBy.get(pid) ?? []) for (const input of inputsOfModule(below(top, path))) inputs.add(input);
  }
  return { inputs: [...inputs], untracked };
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
    if (quote === undefined) found.add('*');
    else if (specifier !== undefined && /^\.{0,2}\//.test(specifier)) found.add(specifier);
  }
  return [...found];
}

/** What only people and registries read. A program that reads it is seen reading the file. */
const ABOUT = /^(?:version|description|keywords|author|contributors|maintainers|licen[cs]es?|repository|bugs|homepage|funding)$/;

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
