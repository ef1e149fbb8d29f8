// Loaded with --require into the process of a test file when `pushgate explain` asks where its time goes, never in the ordinary run. Built-in
// modules only. It listens to async hooks: the idle time before a callback belongs to the resource whose callback ended it. libuv's own
// count of idle time is of no use here, for the profiler's signals interrupt it.
const asyncHooks: typeof import('node:async_hooks') = require('node:async_hooks');
const fs: typeof import('node:fs') = require('node:fs');
const path: typeof import('node:path') = require('node:path');
const { performance }: typeof import('node:perf_hooks') = require('node:perf_hooks');
const { isMainThread }: typeof import('node:worker_threads') = require('node:worker_threads');

type Account = import('./trace/record.ts').Account;
type Context = import('./trace/record.ts').Context;
type TestObject = import('./trace/record.ts').TestObject;
type TraceRecord = import('./trace/record.ts').TraceRecord;

/** Promises that go on so long after the last callback were brought on by something that has no hooks, or by the main script. */
const UNSEEN_MS = 0.5;

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
  const part = (name: string): unknown => require(path.join(__dirname, 'trace', `${name}.cjs`));
  const { startProfile } = part('profile') as {
    startProfile: (now: () => number) => () => Pick<TraceRecord, 'profile' | 'profileOffset' | 'positions'>;
  };
  const { watchBlocking } = part('blocked') as { watchBlocking: (now: () => number) => () => TraceRecord['blocks'] };
  const { describeTests } = part('write') as {
    describeTests: (all: readonly Account[], outside: Account, at: number) => Pick<TraceRecord, 'tests' | 'outside'>;
  };
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

type Contexts = {
  readonly made: (id: number, type: string, resource: object, current: Context, owner?: Account) => void;
  readonly find: (id: number, resource: object) => Context | null;
};
type Accounts = {
  readonly outside: Account;
  readonly all: Account[];
  readonly turns: number[];
  readonly watch: (test: TestObject) => Account;
  readonly wake: (context: Context, from: number, at: number) => void;
  readonly enter: (context: Context, at: number) => void;
  readonly leave: (at: number) => void;
  readonly call: (account: Account, at: number) => void;
};

/** Switches the hooks on. */
function listen(clock: () => number): Accounts {
  const { openContexts, rootContext } = require(path.join(__dirname, 'trace', 'contexts.cjs')) as {
    openContexts: (now: () => number) => Contexts;
    rootContext: () => Context;
  };
  const { openAccounts } = require(path.join(__dirname, 'trace', 'accounts.cjs')) as { openAccounts: (now: () => number) => Accounts };
  const { isWithinTurn } = require(path.join(__dirname, 'trace', 'kinds.cjs')) as { isWithinTurn: (type: string) => boolean };
  const contexts = openContexts(clock);
  const accounts = openAccounts(clock);
  const testOf = new WeakMap<object, Account>();
  const outermost = rootContext();
  const stack: Context[] = [];
  let current = outermost;
  let lastSeen = clock();

  /** At the bottom of the stack the event loop has called: what nothing ran in ends here. Promises mostly go on in the turn before. */
  const turnBegins = (context: Context, at: number): void => {
    const isTurn = !context.isMicro && !isWithinTurn(context.type);
    if (!isTurn && at - lastSeen < UNSEEN_MS) return;
    accounts.leave(lastSeen);
    accounts.wake(isTurn ? context : outermost, lastSeen, at);
  };

  asyncHooks
    .createHook({
      init(id, type, _trigger, resource) {
        if (type !== 'Test') return contexts.made(id, type, resource, current);
        const account = accounts.watch(resource as TestObject);
        testOf.set(resource, account);
        return contexts.made(id, type, resource, current, account);
      },
      before(id) {
        const resource = asyncHooks.executionAsyncResource();
        const context = contexts.find(id, resource) ?? outermost;
        const at = clock();
        if (stack.length === 0) turnBegins(context, at);
        stack.push(current);
        current = context;
        const account = context.type === 'Test' ? testOf.get(resource) : undefined;
        if (account !== undefined) accounts.call(account, at);
        accounts.enter(context, at);
      },
      after() {
        current = stack.pop() ?? outermost;
        if (stack.length === 0) lastSeen = clock();
      },
    })
    .enable();
  return accounts;
}
