import type { Coverage } from './coverage.ts';
import type { FileRun, RawSlice, SourceMapEntry, SourceMaps } from './test-run.ts';

/**
 * What of the world a test file's outcome depends on. `file`: content, kind and mode; `absent`: that nothing stands there; `names`: what a
 * folder holds; `under`: all names and contents below a folder; `stem`: files that differ in their ending only, of which a loader takes one;
 * `env`: a variable; `filenames`: where the repository's files are; `everything`: all of them, as git would commit them.
 */
export type InputKind = 'file' | 'absent' | 'names' | 'under' | 'stem' | 'env' | 'filenames' | 'everything';

/** A kind and a path relative to the repository's top (or a variable's name), with one space between. */
export type Input = `${InputKind} ${string}`;

/** The two halves of an input. */
export function partsOf(input: Input): { kind: InputKind; path: string } {
  const space = input.indexOf(' ');
  return { kind: input.slice(0, space) as InputKind, path: input.slice(space + 1) };
}

/** What the processes of a test file were seen to depend on; `untracked` says what they did that no input stands for, null for nothing. */
export type Observed = { readonly inputs: readonly Input[]; readonly untracked: string | null };

/** A file run as it is kept: the states of its inputs, or why it has to run again whatever they are. */
export type FileRecord = {
  readonly run: FileRun;
  readonly states: ReadonlyMap<Input, string>;
  readonly untracked: string | null;
};

/** The part of a suite's run that a later one may take over. */
export type KeptRun = {
  /** What all file runs depend on, by what a person calls it: the Node version, the test command. */
  readonly key: ReadonlyMap<string, string>;
  /** The files of the repository as they stood; null when git could not tell. */
  readonly tree: string | null;
  readonly records: ReadonlyMap<string, FileRecord>;
  /** Of the scripts that the measured file runs ran. */
  readonly sourceMaps: SourceMaps;
  readonly coverage: Coverage;
  readonly lastFull: LastFull;
};

/** One script in raw coverage that is kept: the test files that ran it, and the names in its source map; null without one. */
export type KeptScript = { readonly files: ReadonlySet<string>; readonly map: Pick<SourceMapEntry, 'data'> | null };

/** Raw coverage that is kept, by the url of the script. What a test file left in it is read when it is asked for. */
export type KeptRaw = {
  readonly scripts: ReadonlyMap<string, KeptScript>;
  /** By test file. */
  readonly slicesOf: (url: string) => ReadonlyMap<string, readonly RawSlice[]>;
  readonly sourceMapOf: (url: string) => SourceMapEntry | null;
};

/** The last time every test file ran: ISO 8601 (UTC), wall time, how long each file took, in ms, and whether the suite was over its budget. */
export type LastFull = {
  readonly at: string;
  readonly wallMs: number;
  readonly durationsMs: ReadonlyMap<string, number>;
  readonly isOver: boolean;
};

/** Why a test file runs again. */
export type Reason =
  | { readonly kind: 'new' }
  | { readonly kind: 'key'; readonly part: string }
  | { readonly kind: 'always' }
  | { readonly kind: 'untracked'; readonly why: string }
  | { readonly kind: 'changed'; readonly input: Input }
  | { readonly kind: 'sample' };
