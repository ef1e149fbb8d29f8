// Loaded by the preload in the processes of test files while file runs are kept: notes what of the repository a process reads, lists, looks
// for and starts, so that a later run can tell whether its tests would see anything else. Built-in modules only. A note is a kind of
// those in `model/inputs.ts`, a space, and a path.
const fs: typeof import('node:fs') = require('node:fs');
const path: typeof import('node:path') = require('node:path');
const nodeModule: typeof import('node:module') = require('node:module');
const { subscribe }: typeof import('node:diagnostics_channel') = require('node:diagnostics_channel');
const { errorMonitor }: typeof import('node:events') = require('node:events');
const { observe, pathsBelow, textOf, watchFiles } = require('./track-files.cjs') as {
  observe: (host: object, name: string, before: (args: unknown[]) => void) => void;
  pathsBelow: (top: string, realpath: typeof fs.realpathSync) => (given: unknown) => string | null;
  textOf: (given: unknown) => string | null;
  watchFiles: (note: Note, top: string, below: (given: unknown) => string | null, exists: (target: string) => boolean) => void;
};
const { watchPrograms } = require('./track-programs.cjs') as {
  watchPrograms: (
    note: (kind: string, what: string) => void,
    trust: Pick<Options, 'trusted' | 'env'> & { unseen: <Result>(work: () => Result) => Result },
  ) => void;
};

type Note = (kind: string, what: string) => void;

/** What the gate asks for: the repository's top folder, variables that tests depend on, programs whose reading does not matter. */
type Options = { readonly top: string; readonly env: readonly string[]; readonly trusted: boolean | readonly string[] };

/** Writes a line of JSON at the end of a file; false when it could not. */
type AppendLine = (file: string, entry: object) => boolean;

/** The number of this thread; null for the main one. */
const thisThread = workerThread();

/**
 * Starts to note into `inputs.ndjson` in `dir`: what a process wrote when it ended lacks nothing.
 */
function track(dir: string, owner: string, options: Options, appendLine: AppendLine): void {
  const file = path.join(dir, 'inputs.ndjson');
  // Taken before anything replaces them.
  const { lstatSync, realpathSync } = fs;
  const lines = new Set<string>();
  // A worker can be ended at any time, and what listens to the end of the process after us goes on.
  let isLate = thisThread !== null;
  const note: Note = (kind, what) => {
    const line = `${kind} ${what}`;
    if (lines.has(line)) return;
    lines.add(line);
    if (isLate) append([line], false);
  };
  // What cannot be written proves nothing: the run is over, or the disk is full.
  const append = (inputs: readonly string[], ended: boolean, worker?: WorkerNote): boolean =>
    appendLine(file, { owner: Number(owner), pid: process.pid, inputs, ended, worker });
  const exists = (target: string): boolean => {
    try {
      return lstatSync(target, { throwIfNoEntry: false }) !== undefined;
    } catch {
      return false;
    }
  };
  watchFiles(note, options.top, pathsBelow(options.top, realpathSync), exists);
  watchModules(note, options.top);
  const unseen = watchEnv(note, options.env);
  watchPrograms(note, { trusted: options.trusted, env: options.env, unseen });
  nodeModule.syncBuiltinESMExports();
  watchWorkers(thisThread, (worker) => {
    if (!append([], false, worker)) note('everything', 'a worker that was not watched');
  });
  process.on('exit', () => {
    for (const name of READERS) if (hasLoaded(name)) note('everything', `node:${name}`);
    if (thisThread === null) append([...lines], true);
    isLate = true;
  });
}

/** Built-in modules that read files by themselves, past `fs`. */
const READERS = ['sqlite', 'wasi'];

/** Whether a built-in module is loaded. Asking does not load it: `worker_threads` alone takes more than a millisecond. */
function hasLoaded(name: string): boolean {
  const { moduleLoadList } = process as unknown as { moduleLoadList?: readonly string[] };
  return moduleLoadList?.includes(`NativeModule ${name}`) === true;
}

function workerThread(): number | null {
  if (!hasLoaded('internal/worker')) return null;
  const { isMainThread, threadId }: typeof import('node:worker_threads') = require('node:worker_threads');
  return isMainThread ? null : threadId;
}

type WorkerNote = { readonly thread: number; readonly is: 'made' | 'watched' };

/**
 * A worker with an environment or flags of its own may do without this preload, and nothing of it is noted. Who makes one tells, at once, and
 * so does one that begins. One that was ended before it began has done nothing.
 */
function watchWorkers(own: number | null, tell: (worker: WorkerNote) => void): void {
  if (own !== null) tell({ thread: own, is: 'watched' });
  // The `worker` event of the process comes a tick later: a process that ends in this one would not tell.
  subscribe('worker_threads', (message) => {
    const { worker } = message as { worker: InstanceType<typeof import('node:worker_threads').Worker> };
    const thread = worker.threadId;
    const tellUnbegun = (): void => tell({ thread, is: 'watched' });
    const keep = (): void => void worker.off('exit', tellUnbegun);
    tell({ thread, is: 'made' });
    worker.once('exit', tellUnbegun).once('online', keep);
    // A preload of its own threw: that comes before a worker is online. Whether anybody listens for errors stays as it was.
    worker.once(errorMonitor, keep);
  });
}

type Resolve = (request: string, parent?: { filename?: string | null }, ...more: unknown[]) => string;
type Loader = { _resolveFilename: Resolve; readonly _extensions: Readonly<Record<string, unknown>> };

/** Where CommonJS looked: beside what it found something may come to stand that it finds first, and what it did not find may appear. */
function watchModules(note: Note, top: string): void {
  const loader = nodeModule as unknown as Loader;
  const resolve = loader._resolveFilename;
  const inside = `${top}${path.sep}`;
  loader._resolveFilename = function (this: unknown, request, parent, ...more) {
    const base = /^\.{0,2}\/|^\.\.?$/.test(request) ? path.resolve(path.dirname(parent?.filename ?? './x'), request) : null;
    const counts = base !== null && base.startsWith(inside) && !base.includes('/node_modules/');
    try {
      const found = Reflect.apply(resolve, this, [request, parent, ...more]) as string;
      if (counts && found !== base) note('stem', base);
      if (counts && path.dirname(found) === base) note('stem', path.join(base, 'index'));
      return found;
    } catch (error) {
      if (counts) {
        note('stem', base);
        note('stem', path.join(base, 'index'));
      }
      // A name that package.json leads to a file which may come to be there.
      if (base === null && parent?.filename?.startsWith(inside) === true && !parent.filename.includes('/node_modules/'))
        note('filenames', '*');
      throw error;
    }
  };
  observe(process, 'dlopen', ([, given]) => {
    const full = textOf(given);
    if (full !== null && full.startsWith(inside) && !full.includes('/node_modules/')) note('file', full);
  });
  // Its modules load in a thread of Node's own, where nothing is noted.
  observe(nodeModule, 'register', ([specifier, parent, options]) => {
    const from =
      typeof parent === 'string' || parent instanceof URL ? parent : ((options ?? parent) as { parentURL?: string } | undefined)?.parentURL;
    if (isOwnModule(String(specifier), from)) note('everything', 'module.register');
  });
}

/** Whether a module that `from` names by a path or an address is the repository's and not a package's. */
function isOwnModule(specifier: string, from: string | URL | undefined): boolean {
  if (!/^(?:\.|\/|file:)/.test(specifier)) return false;
  try {
    return !new URL(specifier, from).pathname.includes('/node_modules/');
  } catch {
    return true;
  }
}

/**
 * Notes which of the named variables are read; without names the environment stays the one Node made. Returns what does something unseen.
 */
function watchEnv(note: Note, names: readonly string[]): <Result>(work: () => Result) => Result {
  if (names.length === 0) return (work) => work();
  let paused = 0;
  const asked = new Set<PropertyKey>(names);
  const read = (key: PropertyKey): void => {
    if (paused === 0 && asked.has(key)) note('env', String(key));
  };
  process.env = new Proxy(process.env, {
    get: (env, key) => (read(key), Reflect.get(env, key)),
    has: (env, key) => (read(key), Reflect.has(env, key)),
    getOwnPropertyDescriptor: (env, key) => (read(key), Reflect.getOwnPropertyDescriptor(env, key)),
    ownKeys: (env) => (names.forEach(read), Reflect.ownKeys(env)),
    set: (env, key, value) => Reflect.set(env, key, value),
  });
  return (work) => {
    paused += 1;
    try {
      return work();
    } finally {
      paused -= 1;
    }
  };
}

/**
 * V8 lowers the size at which it collects the whole heap for the first time by the share of objects that die young, and what loading this
 * leaves behind dies young: processes that load a package of 9 MB then did, at their end, a collection that they do not do without us (Node 24
 * and 26: up to 40 of 390 ms of CPU time). These 320 kB live, and that share is again what it was; 190 are too few. Exported, since what
 * nobody holds is freed; not in a worker, whose memory may be limited to little.
 */
// oxlint-disable-next-line unicorn/no-new-array -- filling them would take a millisecond of every process
const ballast = Array.from({ length: thisThread === null ? 20 : 0 }, () => new Array<unknown>(2_000));

module.exports = { track, ballast };
