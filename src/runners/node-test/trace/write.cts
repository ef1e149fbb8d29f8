// Turns the accounts into what is written: stacks are read here, when no test runs any more. Part of the tracing preload.

type Account = import('./record.ts').Account;
type Context = import('./record.ts').Context;
type TestObject = import('./record.ts').TestObject;
type TracedTest = import('./record.ts').TracedTest;
type GapRecord = import('./record.ts').GapRecord;
type WaitRecord = import('./record.ts').WaitRecord;
type WaitKind = import('./record.ts').WaitKind;
type Site = import('./record.ts').Site;

const { siteOf } = require('./sites.cjs') as { siteOf: (context: Context) => Site };
const { kindOf, fallbackName } = require('./kinds.cjs') as {
  kindOf: (type: string) => WaitKind;
  fallbackName: (kind: WaitKind) => string;
};

const { originalOfTest } = require('./profile.cjs') as {
  originalOfTest: (file: string, line: number, column: number) => { file: string; line: number };
};

const MOST_DELAYS = 12;

type Merged = {
  index: number;
  wait: Omit<WaitRecord, 'count' | 'ms' | 'delays'>;
  ms: number;
  delays: number[];
  groups: Set<object>;
  again: number;
};

/** Waits by what they were for and where that was made, and their stretches. */
function waitsOf({ waits, gaps }: Account): { waits: WaitRecord[]; gaps: GapRecord[] } {
  const merged = new Map<string, Merged>();
  const indexOf = new Map<Context, number>();
  for (const [context, { ms, count, others, inHook }] of waits) {
    const known = mergedWait(merged, context, inHook);
    indexOf.set(context, known.index);
    known.ms += ms;
    known.groups.add(context.group);
    known.again += others;
    if (context.type !== 'Timeout') continue;
    // A timer that repeats is one resource and many waits; of a child or a socket many waits are one.
    known.again += count - 1;
    for (let turn = 0; turn < count && known.delays.length < MOST_DELAYS; turn += 1) known.delays.push(context.delay);
  }
  return {
    waits: [...merged.values()].map(({ wait, ms, delays, groups, again }) => ({ ...wait, ms, delays, count: groups.size + again })),
    gaps: gaps.map(({ from, to, context, isHeld }) => [from, to, indexOf.get(context) ?? 0, isHeld ? 1 : 0]),
  };
}

function mergedWait(merged: Map<string, Merged>, context: Context, inHook: boolean): Merged {
  const site = siteOf(context);
  const kind = site.isLoading ? 'loading' : kindOf(context.type);
  const what = nameOf(site, kind, context);
  const key = JSON.stringify([kind, what, site.file, site.line, inHook]);
  const wait = { kind, what, file: site.file, line: site.line, column: site.column, inHook };
  const known = merged.get(key) ?? { index: merged.size, wait, ms: 0, delays: [], groups: new Set(), again: 0 };
  merged.set(key, known);
  return known;
}

function nameOf(site: Site, kind: WaitKind, context: Context): string {
  if (context.repeats) return 'setInterval';
  return site.what === '' || site.what === 'new Timeout' || kind === 'loading' || kind === 'node' ? fallbackName(kind) : site.what;
}

/** Titles from the outermost to its own, without the root's. */
function pathOf(test: TestObject): string[] {
  const titles: string[] = [];
  for (let each: TestObject | null = test; each?.parent != null; each = each.parent) titles.unshift(each.name ?? '');
  return titles;
}

function lineOf({ loc }: TestObject): { line: number } {
  return { line: originalOfTest(loc?.file ?? '', loc?.line ?? 0, loc?.column ?? 0).line };
}

function hookOf({ type, file, line, column, start, end }: Account['hooks'][number]): TracedTest['hooks'][number] {
  return { type, start, end, ...originalOfTest(file, line, column) };
}

function testOf(account: Account, at: number): TracedTest[] {
  const { test, start, inner, hooks, around } = account;
  if (test === null || start < 0) return [];
  const end = account.end < 0 ? at : account.end;
  const own = { index: account.index, path: pathOf(test), ...lineOf(test), start, end, inner };
  return [{ ...own, hooks: hooks.map(hookOf), ...waitsOf(account), around: around.map((outer) => outer.index) }];
}

/** Everything the accounts hold; tests that never began are left out. */
function describeTests(all: readonly Account[], outside: Account, at: number): object {
  return {
    tests: all.flatMap((account) => testOf(account, at)),
    outside: waitsOf(outside),
  };
}

module.exports = { describeTests };
