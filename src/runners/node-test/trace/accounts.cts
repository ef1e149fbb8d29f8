// Keeps an account for every test that runs: what it waited for and when. Part of the tracing preload.

type Account = import('./record.ts').Account;
type Accounts = import('./record.ts').Accounts;
type Context = import('./record.ts').Context;
type Gap = import('./record.ts').Gap;
type TestObject = import('./record.ts').TestObject;

const { isNetwork } = require('./kinds.cjs') as { isNetwork: (type: string) => boolean };
const { newAccount, charge, pastOf, trap } = require('./account.cjs') as {
  newAccount: (index: number, test: TestObject | null) => Account;
  charge: (account: Account, context: Context, gaps: readonly Gap[]) => void;
  pastOf: (at: number, gap: Gap) => Gap[];
  trap: (object: object, key: string, onSet: () => void) => void;
};

/** More turns than this are not kept: a quarter of a gigabyte is enough for a record. */
const MOST_TURNS = 4_000_000;

/** What is known at a moment of the run. */
type State = {
  readonly outside: Account;
  readonly all: Account[];
  readonly turns: number[];
  readonly active: Set<Account>;
  readonly accountOf: Map<TestObject, Account>;
  /** Hooks that run before any test does: a test may have to wait for them. */
  readonly hooksUnderWay: Set<TestObject>;
  running: Account | null;
  logged: number;
  /** The resource in whose turn of the event loop we are. */
  turn: Context | null;
  /** Whether a server in this process has been called. */
  serves: boolean;
};

/** A test goes on: what it waited since it last did belongs to the resource that brought it back. */
function resolve(state: State, account: Account, at: number): void {
  const { pending, quietSince } = account;
  const context = state.turn;
  account.pending = [];
  if (pending.length === 0 || context === null) return;
  // Had it been ready before, nothing would have been idle until just now: whatever else ran meanwhile did not hold it up.
  const last = pending.at(-1);
  const wasIdle = last !== undefined && last.to - last.from > 1 && at - last.to < 1;
  const readyAt = context.type === 'Timeout' ? Math.min(at, context.due) : wasIdle ? at : quietSince;
  if (state.serves && isNetwork(context.type)) {
    // The server is in this process: what it waited for is what the answer waited for.
    for (const gap of pending) charge(account, gap.context.repeats ? context : gap.context, [gap]);
  } else if (readyAt > quietSince) {
    const held: Gap = { from: quietSince, to: readyAt, context, isHeld: true };
    charge(account, context, [held, ...pending.flatMap((gap) => pastOf(readyAt, gap))]);
  } else charge(account, context, pending);
}

/** Those that wait when nothing runs: the innermost tests under way, or what is outside of tests. */
function waiting({ active, outside }: State): Account[] {
  return active.size === 0 ? [outside] : [...active].filter((account) => account.activeInside === 0);
}

/** Tests around a test, up to the root; suites and the root are none. */
function testsAround({ accountOf }: State, test: TestObject): Account[] {
  const around: Account[] = [];
  for (let each = test.parent ?? null; each !== null; each = each.parent ?? null) {
    const account = accountOf.get(each);
    if (account !== undefined && each.parent != null && each.reportedType !== 'suite') around.push(account);
  }
  return around;
}

function begin(state: State, account: Account, at: number): void {
  const { test } = account;
  if (test === null || account.start >= 0 || test.parent == null || test.hookType !== undefined || test.reportedType === 'suite') return;
  account.start = at;
  account.quietSince = at;
  account.around.push(...testsAround(state, test));
  for (const outer of account.around) {
    if (outer.activeInside === 0) outer.insideSince = at;
    outer.activeInside += 1;
  }
  state.active.add(account);
  account.hooks.push({ ...placeOfHook([...state.hooksUnderWay].at(-1)), start: at, end: at });
}

function end(state: State, account: Account, at: number): void {
  if (account.test !== null) state.hooksUnderWay.delete(account.test);
  if (!state.active.delete(account)) return;
  resolve(state, account, at);
  account.end = at;
  closeHook(account, at);
  for (const outer of account.around) {
    outer.activeInside -= 1;
    if (outer.activeInside > 0) continue;
    outer.inner.push([outer.insideSince, at]);
    outer.quietSince = at;
    outer.pending = [];
  }
}

/** The function of a hook is being called: from now on the test that it is called for is in it. */
function callHook(state: State, hook: TestObject, at: number): void {
  // The others run as part of a test, again and again.
  if (hook.hookType === 'before') state.hooksUnderWay.add(hook);
  const of = hook.getRunArgs?.()?.ctx?.name;
  const leaves = waiting(state);
  const isAfter = hook.hookType === 'afterEach' || hook.hookType === 'after';
  for (const account of leaves.length === 1 ? leaves : leaves.filter((each) => each.test?.name === of)) {
    if (account === state.outside || (!account.isInHook && !isAfter)) continue;
    resolve(state, account, at);
    closeHook(account, at);
    account.isInHook = true;
    account.hooks.push({ ...placeOfHook(hook), start: at, end: at });
  }
}

/** The function of a test is being called: its hooks are over. */
function callTest({ active }: State, account: Account, at: number): void {
  if (!active.has(account) || !account.isInHook) return;
  closeHook(account, at);
  account.isInHook = false;
  account.quietSince = at;
  account.pending = [];
}

function closeHook(account: Account, at: number): void {
  const open = account.hooks.at(-1);
  if (account.isInHook && open !== undefined) open.end = at;
}

function placeOfHook(hook: TestObject | undefined): { type: string; file: string; line: number; column: number } {
  return { type: hook?.hookType ?? '', file: hook?.loc?.file ?? '', line: hook?.loc?.line ?? 0, column: hook?.loc?.column ?? 0 };
}

function wake(state: State, context: Context, from: number, at: number): void {
  state.turn = context;
  if (context.type === 'TCPSERVERWRAP' || context.type === 'PIPESERVERWRAP') state.serves = true;
  const gap: Gap = { from, to: at, context, isHeld: false };
  for (const account of waiting(state)) {
    if (account.isInHook || account === state.outside) charge(account, context, [gap]);
    else account.pending.push(gap);
  }
}

function enter(state: State, context: Context, at: number): void {
  const { owner } = context;
  // Hooks and suites have accounts too, but never begin.
  const index = owner === null || owner.start < 0 ? 0 : owner.index;
  if (state.logged !== index && state.turns.length < MOST_TURNS) state.turns.push(at, (state.logged = index));
  if (owner !== state.running) {
    leave(state, at);
    state.running = owner;
  }
  // A promise of an earlier turn: something that was awaited is there.
  if (owner !== null && context.isMicro && context.origin !== state.turn) progress(state, owner, at);
}

/**
 * Whatever a test's code does in a turn of the event loop, it has waited for that turn only when it goes on from there: with what it awaited,
 * or with something new to wait for. A tick that does neither, of a heartbeat or of a cache of Node's, ends no wait.
 */
function progress(state: State, account: Account, at: number): void {
  if (state.active.has(account) && !account.isInHook && account.activeInside === 0) resolve(state, account, at);
}

function leave(state: State, at: number): void {
  const { running } = state;
  if (running !== null && running.pending.length === 0) running.quietSince = at;
  state.running = null;
}

function openAccounts(clock: () => number): Accounts {
  const outside = newAccount(0, null);
  outside.isInHook = false;
  const state: State = {
    outside,
    all: [],
    turns: [],
    active: new Set(),
    accountOf: new Map(),
    hooksUnderWay: new Set(),
    running: null,
    logged: 0,
    turn: null,
    serves: false,
  };
  return {
    outside,
    all: state.all,
    turns: state.turns,
    watch(test) {
      const account = newAccount(state.all.length + 1, test);
      state.all.push(account);
      state.accountOf.set(test, account);
      trap(test, 'startTime', () => begin(state, account, clock()));
      trap(test, 'endTime', () => end(state, account, clock()));
      return account;
    },
    wake: (context, from, at) => wake(state, context, from, at),
    enter: (context, at) => enter(state, context, at),
    leave: (at) => leave(state, at),
    call: (account, at) => (account.test?.hookType === undefined ? callTest(state, account, at) : callHook(state, account.test, at)),
    made({ owner }) {
      if (owner !== null && owner.pending.length > 0 && state.turn?.repeats === false) progress(state, owner, clock());
    },
  };
}

module.exports = { openAccounts };
