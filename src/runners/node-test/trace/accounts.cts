// Keeps an account for every test that runs: what it waited for and when. Part of the tracing preload.
const path: typeof import('node:path') = require('node:path');

type Account = import('./record.ts').Account;
type Context = import('./record.ts').Context;
type Gap = import('./record.ts').Gap;
type TestObject = import('./record.ts').TestObject;

const { isNetwork } = require(path.join(__dirname, 'kinds.cjs')) as { isNetwork: (type: string) => boolean };

/** More turns than this are not kept: a quarter of a gigabyte is enough for a record. */
const MOST_TURNS = 4_000_000;

type Accounts = {
  /** Contexts of no test; also takes the waits outside of tests. */
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
};

function newAccount(index: number, test: TestObject | null): Account {
  return {
    index,
    test,
    start: -1,
    end: -1,
    isInHook: true,
    activeInside: 0,
    insideSince: 0,
    quietSince: 0,
    pending: [],
    inner: [],
    gaps: [],
    hooks: [],
    waits: new Map(),
    around: [],
  };
}

/** Waits shorter than this are added up without their times. */
const LEAST_MS = 0.3;

/** Notes that a resource was waited for, in some stretches. */
function charge(account: Account, context: Context, gaps: readonly Gap[]): void {
  const entry = account.waits.get(context) ?? { ms: 0, count: 0, inHook: account.isInHook && account.hooks.at(-1)?.type !== '' };
  account.waits.set(context, entry);
  entry.count += 1;
  for (const gap of gaps) {
    if (gap.to - gap.from < LEAST_MS) entry.ms += gap.to - gap.from;
    else account.gaps.push(gap.context === context ? gap : { ...gap, context });
  }
}

/** What of a gap comes after a time. */
function pastOf(at: number, gap: Gap): Gap[] {
  return gap.to <= at ? [] : [{ ...gap, from: Math.max(at, gap.from) }];
}

/** Reads what stands around a test: its parents up to the root, suites left out. */
function testsAround(test: TestObject, accountOf: ReadonlyMap<TestObject, Account>): Account[] {
  const around: Account[] = [];
  for (let each = test.parent ?? null; each !== null; each = each.parent ?? null) {
    const account = accountOf.get(each);
    if (account !== undefined && each.parent != null && each.reportedType !== 'suite') around.push(account);
  }
  return around;
}

function openAccounts(clock: () => number): Accounts {
  const outside = newAccount(0, null);
  outside.isInHook = false;
  const all: Account[] = [];
  const active = new Set<Account>();
  const accountOf = new Map<TestObject, Account>();
  const turns: number[] = [];
  let running: Account | null = null;
  let logged = 0;
  // The resource in whose turn of the event loop we are.
  let turn: Context | null = null;
  let serves = false;
  // Those that run outside of tests: a test may have to wait for them.
  const hooksUnderWay = new Set<TestObject>();

  const waiting = (): Account[] => {
    const leaves = [...active].filter((account) => account.activeInside === 0);
    return active.size === 0 ? [outside] : leaves;
  };

  /** Its own code runs again: what it waited since it stopped belongs to what brought it back. */
  const resolve = (account: Account, context: Context, at: number): void => {
    const { pending, quietSince } = account;
    account.pending = [];
    if (pending.length === 0) return;
    // Had it been ready before, nothing would have been idle until just now: whatever else ran meanwhile did not hold it up.
    const last = pending.at(-1);
    const wasIdle = last !== undefined && last.to - last.from > 1 && at - last.to < 1;
    const readyAt = context.type === 'Timeout' ? Math.min(at, context.due) : wasIdle ? at : quietSince;
    if (serves && isNetwork(context.type)) {
      // The server is in this process: what it waited for is what the answer waited for.
      for (const gap of pending) charge(account, gap.context.repeats ? context : gap.context, [gap]);
    } else {
      const held: Gap = { from: quietSince, to: readyAt, context, isHeld: true };
      charge(account, context, readyAt > quietSince ? [held, ...pending.flatMap((gap) => pastOf(readyAt, gap))] : pending);
    }
  };

  const begin = (account: Account, at: number): void => {
    const { test } = account;
    if (test === null || account.start >= 0 || test.parent == null || test.hookType !== undefined || test.reportedType === 'suite') return;
    account.start = at;
    account.quietSince = at;
    account.around.push(...testsAround(test, accountOf));
    for (const outer of account.around) {
      if (outer.activeInside === 0) outer.insideSince = at;
      outer.activeInside += 1;
    }
    active.add(account);
    account.hooks.push({ ...placeOfHook([...hooksUnderWay].at(-1)), start: at, end: at });
  };

  const end = (account: Account, at: number): void => {
    if (account.test !== null) hooksUnderWay.delete(account.test);
    if (!active.delete(account)) return;
    if (turn !== null && account.pending.length > 0) resolve(account, turn, at);
    account.end = at;
    closeHook(account, at);
    for (const outer of account.around) {
      outer.activeInside -= 1;
      if (outer.activeInside > 0) continue;
      outer.inner.push([outer.insideSince, at]);
      outer.quietSince = at;
      outer.pending = [];
    }
  };

  const callHook = (hook: TestObject, at: number): void => {
    // The others run as part of a test, again and again.
    if (hook.hookType === 'before') hooksUnderWay.add(hook);
    const of = hook.getRunArgs?.()?.ctx?.name;
    const leaves = waiting();
    const after = hook.hookType === 'afterEach' || hook.hookType === 'after';
    for (const account of leaves.length === 1 ? leaves : leaves.filter((each) => each.test?.name === of)) {
      if (account === outside || (!account.isInHook && !after)) continue;
      closeHook(account, at);
      account.isInHook = true;
      account.hooks.push({ ...placeOfHook(hook), start: at, end: at });
    }
  };

  return {
    outside,
    all,
    turns,
    watch(test) {
      const account = newAccount(all.length + 1, test);
      all.push(account);
      accountOf.set(test, account);
      trap(test, 'startTime', () => begin(account, clock()));
      trap(test, 'endTime', () => end(account, clock()));
      return account;
    },
    wake(context, from, at) {
      turn = context;
      if (context.type === 'TCPSERVERWRAP' || context.type === 'PIPESERVERWRAP') serves = true;
      const gap: Gap = { from, to: at, context, isHeld: false };
      for (const account of waiting()) {
        if (account.isInHook || account === outside) charge(account, context, [gap]);
        else account.pending.push(gap);
      }
    },
    enter(context, at) {
      const { owner } = context;
      // Hooks and suites have accounts too, but never begin.
      const index = owner === null || owner.start < 0 ? 0 : owner.index;
      if (logged !== index && turns.length < MOST_TURNS) turns.push(at, (logged = index));
      if (owner === running) return;
      if (running !== null) running.quietSince = at;
      running = owner;
      if (owner !== null && active.has(owner) && !owner.isInHook && owner.activeInside === 0) resolve(owner, turn ?? context, at);
    },
    leave(at) {
      if (running !== null) running.quietSince = at;
      running = null;
    },
    call(account, at) {
      const { test } = account;
      if (test?.hookType !== undefined) return callHook(test, at);
      if (!active.has(account) || !account.isInHook) return undefined;
      closeHook(account, at);
      account.isInHook = false;
      account.quietSince = at;
      account.pending = [];
      return undefined;
    },
  };
}

function placeOfHook(hook: TestObject | undefined): { type: string; file: string; line: number } {
  return { type: hook?.hookType ?? '', file: hook?.loc?.file ?? '', line: hook?.loc?.line ?? 0 };
}

function closeHook(account: Account, at: number): void {
  const open = account.hooks.at(-1);
  if (account.isInHook && open !== undefined) open.end = at;
}

/** Calls back when a property of an object gets a value that is not null; the property stays as it was. */
function trap(object: object, key: string, onSet: () => void): void {
  let value: unknown;
  Object.defineProperty(object, key, {
    configurable: true,
    enumerable: true,
    get: () => value,
    set: (next: unknown) => {
      const first = (value === undefined || value === null) && next !== null && next !== undefined;
      value = next;
      if (first) onSet();
    },
  });
}

module.exports = { openAccounts };
