/**
 * Where time can go. Running: own source, packages, Node itself, garbage collection. Waiting: on timers, child processes, the network, the
 * file system, other threads. Blocked: the thread stood still in a synchronous call. And whatever happened while modules were loaded, in
 * hooks, or in other tests of the file.
 */
export type Bucket =
  | 'source'
  | 'packages'
  | 'node'
  | 'gc'
  | 'timers'
  | 'children'
  | 'network'
  | 'files'
  | 'threads'
  | 'blocked'
  | 'loading'
  | 'hooks'
  | 'others';

export const BUCKETS: readonly Bucket[] = [
  'source',
  'packages',
  'node',
  'gc',
  'timers',
  'children',
  'network',
  'files',
  'threads',
  'blocked',
  'loading',
  'hooks',
  'others',
];

/** A line of the user's; `file` is relative to the project root where it is below it. */
export type Place = { readonly file: string; readonly line: number };

/** What was waited for, or blocked on: resources of one kind made by one line. */
export type Wait = {
  readonly bucket: Bucket;
  /** The function that made them: `setTimeout`, `exec`. */
  readonly what: string;
  /** Null when no line of the user's did. */
  readonly place: Place | null;
  readonly count: number;
  readonly durationMs: number;
  /** It was in a hook, and counts there. */
  readonly inHook: boolean;
  /** What the first timers were set to, in ms and in their order. */
  readonly delaysMs: readonly number[];
};

/** The longest wait first; those that differ by the noise of timers alone stand as in the source, so that two runs name the same one. */
export function byTime(a: Wait, b: Wait): number {
  return (
    Math.round(b.durationMs / 10) - Math.round(a.durationMs / 10) ||
    compare(keyOf(a), keyOf(b)) ||
    (a.place?.line ?? 0) - (b.place?.line ?? 0)
  );
}

const keyOf = ({ place }: Wait): string => place?.file ?? '';
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** A function of the user's and the time its own code took, or that of what it called in Node or a package. */
export type HotFunction = { readonly name: string; readonly place: Place; readonly bucket: Bucket; readonly durationMs: number };

/** One hook that ran as a part of a test: `beforeEach`, and where it is defined. */
export type HookTime = { readonly type: string; readonly place: Place | null; readonly durationMs: number };

/** How one stretch of time was spent; the buckets add up to it. Times in ms. */
export type Trace = {
  readonly wallMs: number;
  readonly spent: Readonly<Record<Bucket, number>>;
  /** Longest first. */
  readonly waits: readonly Wait[];
  readonly functions: readonly HotFunction[];
  readonly hooks: readonly HookTime[];
};

/** What was traced of one test file: its tests by title path, what came before the first and after the last of them. */
export type FileTrace = {
  readonly file: string;
  readonly tests: readonly { readonly name: string; readonly line: number; readonly trace: Trace }[];
  readonly load: Trace;
  readonly after: Trace;
};

/** Why a test is slow. `mixed`: nothing takes more than its share. */
export type CauseKind =
  | 'timer'
  | 'retry'
  | 'polling'
  | 'subprocess'
  | 'network'
  | 'files'
  | 'threads'
  | 'sleep'
  | 'cpu'
  | 'memory'
  | 'imports'
  | 'hooks'
  | 'contention'
  | 'mixed';

export type Cause = {
  readonly kind: CauseKind;
  readonly bucket: Bucket;
  /** Time in that bucket. */
  readonly spentMs: number;
  /** What the advice would save at most. */
  readonly savesMs: number;
  /** The line, the function on it, how often, and its time; null when no line of the user's stands out. */
  readonly at: { readonly place: Place; readonly what: string; readonly count: number; readonly durationMs: number } | null;
  /** How many other lines do the same for a good part of the time; the savings count them in. */
  readonly moreLines: number;
};

/** A trace of a test and what to make of it. */
export type Explanation = Trace & { readonly cause: Cause };
