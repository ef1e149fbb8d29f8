/** What the tracing preload writes to `trace-<pid>.json`. Times are ms of the process's own clock, from its start. */
export type TraceRecord = {
  readonly root: string;
  /** What the process runs. */
  readonly script: string;
  /** Where our own files stand: their time is not the user's. */
  readonly guest: string;
  /** When the preload began: what came before is Node's own start. */
  readonly began: number;
  readonly ended: number;
  /** What to add to the clock to get the profile's times, in ms. */
  readonly profileOffset: number;
  readonly profile: Profile;
  /** Time and owner (1-based index of a test; 0 for no test's), in turn: whose code ran from then on. */
  readonly turns: readonly number[];
  readonly blocks: readonly BlockRecord[];
  readonly tests: readonly TracedTest[];
  /** Everything outside of tests: loading the file, and what goes on after the last test. */
  readonly outside: { readonly waits: readonly WaitRecord[]; readonly gaps: readonly GapRecord[] };
  /** Original positions of functions in compiled sources, by `url:line:column` as the profile has them. */
  readonly positions: Readonly<Record<string, { readonly file: string; readonly line: number }>>;
};

/** A CPU profile as the inspector gives it. */
export type Profile = {
  readonly nodes: readonly ProfileNode[];
  /** Microseconds. */
  readonly startTime: number;
  readonly samples?: readonly number[] | undefined;
  readonly timeDeltas?: readonly number[] | undefined;
};

export type ProfileNode = {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number; readonly columnNumber: number };
  readonly children?: readonly number[] | undefined;
};

type Span = readonly [start: number, end: number];

export type TracedTest = {
  /** As in the turns. */
  readonly index: number;
  /** Titles from the outermost to its own. */
  readonly path: readonly string[];
  readonly line: number;
  readonly start: number;
  readonly end: number;
  /** When tests inside it ran. */
  readonly inner: readonly Span[];
  readonly hooks: readonly HookRecord[];
  readonly waits: readonly WaitRecord[];
  readonly gaps: readonly GapRecord[];
  /** Indices, 1-based, of the tests around it: their code is not foreign to it. */
  readonly around: readonly number[];
};

/** A stretch of a test in which its hooks ran; `type` is empty between them. */
export type HookRecord = {
  readonly type: string;
  readonly file: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
};

/** From, to, index of its wait, and whether it counts whatever other tests ran meanwhile. */
export type GapRecord = readonly [from: number, to: number, wait: number, isHeld: 0 | 1];

export type WaitKind = 'timers' | 'children' | 'network' | 'files' | 'threads' | 'loading' | 'node';

/** Waits for resources made at one place. `file` is absolute; empty when no line of the user's made them. */
export type WaitRecord = {
  readonly kind: WaitKind;
  readonly what: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly count: number;
  /** Beside what its gaps say: many short ones. */
  readonly ms: number;
  readonly inHook: boolean;
  /** What the first timers were set to, in ms. */
  readonly delays: readonly number[];
};

/** A stretch in which the thread was blocked: no idle time, yet no CPU either. */
export type BlockRecord = Omit<WaitRecord, 'kind' | 'count' | 'ms' | 'inHook' | 'delays'> & {
  readonly kind: 'child' | 'sleep' | 'loading';
  readonly start: number;
  readonly end: number;
};

/** Where something was made, read from a stack. */
export type Site = {
  readonly what: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly isLoading: boolean;
};

/** What the tracer keeps of an async resource. Promises share one that only tells where they belong. */
export type Context = {
  readonly isMicro: boolean;
  /** The test whose code made it; null for none. */
  readonly owner: Account | null;
  readonly type: string;
  /** Holds the stack; it is read only when needed. */
  readonly made: Error | null;
  /** The resource in whose callback it was made. */
  readonly origin: Context | null;
  /** How many origins are kept behind it. */
  readonly hops: number;
  /** Resources of one child process count as one. */
  readonly group: object;
  /** Timers: what they are set to, and when they are due. */
  readonly delay: number;
  readonly due: number;
  readonly repeats: boolean;
  /** Shared by the promises made in its callback. */
  micro: Context | null;
};

/** A stretch in which the event loop called nothing, and the resource whose callback ended it. */
export type Gap = {
  readonly from: number;
  readonly to: number;
  readonly context: Context;
  /** It would have waited whatever other tests ran meanwhile: its resource was not ready. */
  readonly isHeld: boolean;
};

/** The running account of a test. */
export type Account = {
  readonly index: number;
  readonly test: TestObject | null;
  start: number;
  end: number;
  isInHook: boolean;
  activeInside: number;
  insideSince: number;
  /** When its code last stopped running. */
  quietSince: number;
  /** Stretches without any code since then that no callback of its own has ended yet. */
  pending: Gap[];
  readonly inner: [number, number][];
  readonly gaps: Gap[];
  readonly hooks: { type: string; file: string; line: number; column: number; start: number; end: number }[];
  /** How often each resource was waited for, and how often others that it stands for. */
  readonly waits: Map<Context, { ms: number; count: number; others: number; inHook: boolean }>;
  /** The first resource of each type that was waited for. */
  readonly firsts: Map<string, Context>;
  readonly around: Account[];
};

/** As much of node:test's own object as is read. */
export type TestObject = {
  readonly name?: string;
  readonly parent?: TestObject | null;
  readonly parentTest?: TestObject | null;
  readonly hookType?: string;
  readonly reportedType?: string;
  readonly loc?: { readonly file?: string; readonly line?: number; readonly column?: number } | undefined;
  readonly getRunArgs?: () => { readonly ctx?: { readonly name?: string } } | undefined;
};

/** The accounts of all tests of a process. */
export type Accounts = {
  /** Takes what is waited for outside of tests. */
  readonly outside: Account;
  readonly all: Account[];
  readonly turns: number[];
  /** An account for a test object that is being made: it begins and ends when the object notes its times. */
  readonly watch: (test: TestObject) => Account;
  /** Nothing ran until a callback of this resource began. */
  readonly wake: (context: Context, from: number, at: number) => void;
  /** Code of this context runs from now on. */
  readonly enter: (context: Context, at: number) => void;
  /** The code that ran has returned to the event loop. */
  readonly leave: (at: number) => void;
  /** The function of a test, or a hook, is being called. */
  readonly call: (account: Account, at: number) => void;
  /** Code of this context has made something that can be waited for. */
  readonly made: (context: Context) => void;
};

/** The contexts of all async resources of a process. */
export type Contexts = {
  readonly made: (id: number, type: string, resource: object, current: Context, owner?: Account) => void;
  readonly find: (id: number, resource: object) => Context | null;
};
