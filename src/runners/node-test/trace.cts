// Loaded with --require into the process of a test file when `pushgate explain` asks where its time goes, never in the ordinary run. Built-in
// modules only. It listens to async hooks: the idle time before a callback belongs to the resource whose callback ended it. libuv's own
// count of idle time is of no use here, for the profiler's signals interrupt it.
const fs: typeof import('node:fs') = require('node:fs');
const path: typeof import('node:path') = require('node:path');
const { performance }: typeof import('node:perf_hooks') = require('node:perf_hooks');
const { isMainThread }: typeof import('node:worker_threads') = require('node:worker_threads');

type Account = import('./trace/record.ts').Account;
type Accounts = import('./trace/record.ts').Accounts;
type TraceRecord = import('./trace/record.ts').TraceRecord;

const env = process.env;
const root = env['PUSHGATE_TRACE'];
const isTestFile = env['NODE_TEST_CONTEXT'] === 'child-v8' && env['PUSHGATE_OWNER'] === undefined;

if (root !== undefined && isMainThread && (isTestFile || env['PUSHGATE_IN_PROCESS'] === '1')) trace(root, env['PUSHGATE_RUN'] ?? '.');

function trace(rootDir: string, runDir: string): void {
  // Tests may put a clock of their own in the place of Node's, and a disk.
  const clock = performance.now.bind(performance);
  const { writeFileSync } = fs;
  const began = clock();
  leaveDescendantsAlone();
  const { startProfile } = require('./trace/profile.cjs') as {
    startProfile: (now: () => number) => () => Pick<TraceRecord, 'profile' | 'profileOffset' | 'positions'>;
  };
  const { watchBlocking } = require('./trace/blocked.cjs') as { watchBlocking: (now: () => number) => () => TraceRecord['blocks'] };
  const { describeTests } = require('./trace/write.cjs') as {
    describeTests: (all: readonly Account[], outside: Account, at: number) => Pick<TraceRecord, 'tests' | 'outside'>;
  };
  const { listen } = require('./trace/listen.cjs') as { listen: (now: () => number) => Accounts };
  const endBlocking = watchBlocking(clock);
  const accounts = listen(clock);
  const endProfile = startProfile(clock);
  process.on('exit', () => {
    const ended = clock();
    const record: TraceRecord = {
      root: rootDir,
      script: process.argv[1] ?? '',
      guest: __dirname,
      began,
      ended,
      ...endProfile(),
      turns: accounts.turns,
      blocks: endBlocking(),
      ...describeTests(accounts.all, accounts.outside, ended),
    };
    writeFileSync(path.join(runDir, `trace-${process.pid}.json`), JSON.stringify(record));
  });
}

/** What the test starts is not traced: only the waiting for it is. */
function leaveDescendantsAlone(): void {
  delete env['PUSHGATE_TRACE'];
  for (const name of ['NODE_OPTIONS', 'PUSHGATE_NODE_OPTIONS']) {
    const options = env[name];
    if (options !== undefined) env[name] = options.replace(/--require "(?:[^"\\]|\\.)*trace\.cjs" ?/, '');
  }
}
