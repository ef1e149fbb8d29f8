// The account of one test. Part of the tracing preload.
type Account = import('./record.ts').Account;
type Context = import('./record.ts').Context;
type Gap = import('./record.ts').Gap;
type TestObject = import('./record.ts').TestObject;

/** Waits shorter than this, in ms, are added up without their times. */
const LEAST_MS = 0.3;

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
    firsts: new Map(),
    around: [],
  };
}

/** So many resources are told apart by their stacks; reading them takes a while. Further short waits count for the first of their type. */
const MOST_TOLD = 1_000;
const MOST_LONG_TOLD = 4_000;

/** The resource itself, or the one that stands for it. */
function kept({ waits, firsts }: Account, context: Context, gaps: readonly Gap[]): Context {
  const first = firsts.get(context.type);
  if (first === undefined) firsts.set(context.type, context);
  if (first === undefined || waits.size < MOST_TOLD || waits.has(context)) return context;
  const isLong = gaps.some((gap) => gap.to - gap.from >= LEAST_MS);
  return isLong && waits.size < MOST_LONG_TOLD ? context : first;
}

/** Notes that a resource was waited for, in some stretches. */
function charge(account: Account, waitedFor: Context, gaps: readonly Gap[]): void {
  const context = kept(account, waitedFor, gaps);
  const inHook = account.isInHook && account.hooks.at(-1)?.type !== '';
  const entry = account.waits.get(context) ?? { ms: 0, count: 0, others: 0, inHook };
  account.waits.set(context, entry);
  if (context === waitedFor) entry.count += 1;
  else entry.others += 1;
  for (const gap of gaps) {
    if (gap.to - gap.from < LEAST_MS) entry.ms += gap.to - gap.from;
    else account.gaps.push(gap.context === context ? gap : { ...gap, context });
  }
}

/** What of a gap comes after a time. */
function pastOf(at: number, gap: Gap): Gap[] {
  return gap.to <= at ? [] : [{ ...gap, from: Math.max(at, gap.from) }];
}

/** Calls back when a property of an object gets a value that is not null; the property stays as it was. */
function trap(object: object, key: string, onSet: () => void): void {
  let value: unknown;
  Object.defineProperty(object, key, {
    configurable: true,
    enumerable: true,
    get: () => value,
    set: (next: unknown) => {
      const isFirst = (value === undefined || value === null) && next !== null && next !== undefined;
      value = next;
      if (isFirst) onSet();
    },
  });
}

module.exports = { newAccount, charge, pastOf, trap };
