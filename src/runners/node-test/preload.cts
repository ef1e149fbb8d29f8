// Loaded with --require before anything else in every Node process of a measured suite. It runs inside the user's processes: built-in
// modules only, no output, and no change in behaviour beyond the environment that descendants inherit.
const fs: typeof import('node:fs') = require('node:fs');
const path: typeof import('node:path') = require('node:path');

// Taken before a test replaces them.
const { openSync, writeSync, closeSync } = fs;

const THROWN_CHARS = 2_000;

const run = process.env['PUSHGATE_RUN'];

if (run !== undefined && run !== '') {
  // A worker of a test file runs this too, in the process that it knows as its owner.
  if (process.env['PUSHGATE_OWNER'] !== String(process.pid)) watch(run);
  noteInputs(run);
}

function watch(dir: string): void {
  const env = process.env;
  const owner = env['PUSHGATE_OWNER'];
  // A test that starts `node x` hands its own NODE_TEST_CONTEXT down; only the first process in a line is the test file itself.
  const isTestFile = env['NODE_TEST_CONTEXT'] === 'child-v8' && owner === undefined;
  const isRoot = env['PUSHGATE_IN_PROCESS'] === '1';
  delete env['PUSHGATE_IN_PROCESS'];
  record(dir, {
    pid: process.pid,
    started: Date.now(),
    owner: owner ?? null,
    script: process.argv[1] ?? '',
    isTestFile,
    covers: Boolean(env['NODE_V8_COVERAGE']) && !startsTestProcesses(),
  });
  if (isTestFile) {
    env['PUSHGATE_OWNER'] = String(process.pid);
    // Node has read its own folder by now: this one is for workers and child processes, so that their coverage is known to be this file's.
    if (env['NODE_V8_COVERAGE']) env['NODE_V8_COVERAGE'] = path.join(env['NODE_V8_COVERAGE'], 'g', String(process.pid));
    // The reporter belongs to the runner; a nested `node --test` keeps the output its test expects.
    if (env['PUSHGATE_NODE_OPTIONS'] !== undefined) env['NODE_OPTIONS'] = env['PUSHGATE_NODE_OPTIONS'];
  }
  if (!isTestFile && !isRoot) return;
  recordEnd(dir);
  (require('./preload/begun.cjs') as { noteBegun: (dir: string) => void }).noteBegun(dir);
}

/** In test files and what they start, while file runs are kept. */
function noteInputs(dir: string): void {
  const { PUSHGATE_OWNER: owner, PUSHGATE_TRACK: options } = process.env;
  if (owner === undefined || options === undefined) return;
  const { track } = require('./preload/track.cjs') as {
    track: (dir: string, owner: string, options: unknown, append: typeof appendLine) => void;
  };
  track(dir, owner, JSON.parse(options), appendLine);
}

/** `node --test` itself writes no coverage, unless the test files run inside it. */
function startsTestProcesses(): boolean {
  return process.execArgv.includes('--test') && !/--(?:experimental-)?test-isolation[= ]none/.test(process.execArgv.join(' '));
}

/** Notes who called process.exit, and the source map of a compiled test file, so that its positions can be told in the source's lines. */
function recordEnd(dir: string): void {
  // oxlint-disable-next-line typescript/unbound-method -- called with the receiver it is given
  const exit = process.exit;
  // Tests may replace it.
  const { readFileSync } = fs;
  let exitCalledAt: string | null = null;
  // What Node prints of it may reach the runner too late.
  let thrown: string | null = null;
  process.on('uncaughtExceptionMonitor', (error: unknown) => {
    // Anything can be thrown, also what has no text or throws when it is looked at: the process must not end for that.
    try {
      thrown ??= String((error as Error | null)?.stack ?? error).slice(0, THROWN_CHARS);
    } catch {
      thrown ??= 'What was thrown has no text.';
    }
  });
  let isRecorded = false;
  const end = (code: number): void => {
    if (isRecorded) return;
    isRecorded = true;
    record(dir, {
      pid: process.pid,
      ended: code,
      exitCalledAt,
      thrown,
      usedTestRunner: usedTestRunner(),
      peakRssBytes: peakRss(readFileSync),
    });
    recordSourceMap(dir);
  };
  process.exit = new Proxy(exit, {
    apply: (call, self, args) => {
      exitCalledAt ??= callerOf(new Error());
      return Reflect.apply(call, self, args) as never;
    },
  });
  // What process.exit ends with; called by itself it ends the process without a word to anybody.
  const host = process as unknown as { reallyExit: (code?: number) => never };
  host.reallyExit = new Proxy(host.reallyExit, {
    apply: (call, self, args: [code?: number]) => {
      exitCalledAt ??= callerOf(new Error());
      end(args[0] ?? 0);
      return Reflect.apply(call, self, args) as never;
    },
  });
  process.on('exit', end);
}

/** Linux hands on to a process what the one that started it held; its own peak stands elsewhere. Null when neither can be read. */
function peakRss(readFileSync: typeof fs.readFileSync): number | null {
  try {
    const ownKb = process.platform === 'linux' ? /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] : undefined;
    return (ownKb === undefined ? process.resourceUsage().maxRSS : Number(ownKb)) * 1024;
  } catch {
    return null;
  }
}

/** The first stack frame outside Node and this file. */
function callerOf(error: Error): string | null {
  for (const line of (error.stack ?? '').split('\n').slice(1)) {
    const place = /\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/.exec(line)?.[1];
    if (place !== undefined && !place.startsWith(__filename)) return place;
  }
  return null;
}

function usedTestRunner(): boolean {
  const loaded = (process as unknown as { moduleLoadList?: string[] }).moduleLoadList ?? [];
  return loaded.some((name) => name.includes('internal/test_runner/harness'));
}

function recordSourceMap(dir: string): void {
  try {
    const { findSourceMap }: typeof import('node:module') = require('node:module');
    const script = process.argv[1];
    const map = script === undefined ? undefined : findSourceMap(script);
    if (map) fs.writeFileSync(path.join(dir, `map-${process.pid}.json`), JSON.stringify({ file: script, payload: map.payload }));
  } catch {
    // Positions stay those of the compiled file.
  }
}

/** When the run is over and its folder gone, or the disk is full, the missing record is what tells. */
function record(dir: string, entry: object): void {
  appendLine(path.join(dir, 'processes.ndjson'), entry);
}

/** Writes a line of JSON at the end of a file; false when it could not. */
function appendLine(file: string, entry: object): boolean {
  try {
    const fd = openSync(file, 'a');
    try {
      writeSync(fd, `${JSON.stringify(entry)}\n`);
    } finally {
      closeSync(fd);
    }
    return true;
  } catch {
    return false;
  }
}
