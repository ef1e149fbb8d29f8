import { BUCKETS, type Bucket, type Cause, type CauseKind, type Explanation, type Place } from '../model/explanation.ts';
import type { AuditedFile, AuditedTest, Timed } from './audit.ts';
import { wallWithout } from './schedule.ts';

/** A test that was run with the tracer, its time in the suite, and what came of it. */
export type LookedAt = AuditedTest & { readonly explanation: Explanation };

/**
 * Where a suite's time went: a bucket of what was traced; `around` the tests (process start, imports, ends); `beside` other tests (in the
 * suite and not alone); and what was not looked at.
 */
export type SpentOn = Bucket | 'around' | 'beside' | 'unseen';

/** What many causes have in common: what is done about them. */
export type CauseGroup = 'timers' | 'processes' | 'network' | 'files' | 'threads' | 'computing' | 'imports' | 'hooks' | 'contention';

/** What the suite would take without the time that one kind of cause costs in the tests that were looked at. Times in ms. */
export type Mending = {
  readonly group: CauseGroup;
  readonly wallMs: number;
  readonly savedMs: number;
  readonly tests: number;
  /** The line that costs most of it; null when no line stands out. */
  readonly at: Place | null;
};

/** Where the time of all files of a suite goes. Times in ms; the rows add up to `filesMs`. */
export type Spending = {
  readonly filesMs: number;
  /** Most first. */
  readonly rows: readonly { readonly on: SpentOn; readonly durationMs: number }[];
  readonly looked: { readonly tests: number; readonly durationMs: number };
  /** Time inside of tests, of all files. */
  readonly testsMs: number;
  /** What saves most first. */
  readonly mending: readonly Mending[];
  /** All of these together; null for fewer than two. */
  readonly mendedAll: { readonly wallMs: number; readonly savedMs: number } | null;
};

const GROUP: Readonly<Record<CauseKind, CauseGroup | null>> = {
  timer: 'timers',
  retry: 'timers',
  polling: 'timers',
  sleep: 'timers',
  subprocess: 'processes',
  network: 'network',
  files: 'files',
  threads: 'threads',
  cpu: 'computing',
  memory: 'computing',
  imports: 'imports',
  hooks: 'hooks',
  contention: 'contention',
  mixed: null,
};

/** What saves less than this share of the suite's time, or fewer ms, is not worth a line. */
const LEAST_SAVED = { share: 0.01, ms: 50 } as const;

/** Sums up where a suite's time goes, out of the times of all its tests and the traces of some. */
export function spendingOf(timed: Timed, looked: readonly LookedAt[]): Spending {
  const shareOf = overlaps(timed);
  const spent = new Map<SpentOn, number>();
  const add = (on: SpentOn, ms: number): void => void spent.set(on, (spent.get(on) ?? 0) + ms);
  const lookedMs = looked.reduce((sum, each) => sum + each.durationMs * shareOf(each.test.file), 0);
  const filesMs = timed.files.reduce((sum, file) => sum + file.durationMs, 0);
  const testsMs = timed.files.reduce((sum, file) => sum + inTests(file), 0);
  for (const each of looked) for (const [on, ms] of spentIn(each)) add(on, ms * shareOf(each.test.file));
  add('around', filesMs - testsMs);
  add('unseen', Math.max(0, testsMs - lookedMs));
  const groups = savings(looked, shareOf)
    .map((group) => ({ ...group, ...wallWithout(timed, group.savedByFileMs) }))
    .filter(({ savedMs }) => savedMs >= Math.max(LEAST_SAVED.ms, timed.wallMs * LEAST_SAVED.share))
    .toSorted((a, b) => b.savedMs - a.savedMs);
  return {
    filesMs,
    rows: [...spent]
      .map(([on, durationMs]) => ({ on, durationMs }))
      .filter((row) => row.durationMs > 0)
      .toSorted((a, b) => b.durationMs - a.durationMs),
    looked: { tests: looked.length, durationMs: lookedMs },
    testsMs,
    mending: groups.map(({ group, tests, at, wallMs, savedMs }) => ({ group, tests, at, wallMs, savedMs })),
    mendedAll: groups.length < 2 ? null : wallWithout(timed, together(groups)),
  };
}

const inTests = ({ durationMs, aroundMs }: AuditedFile): number => Math.max(0, durationMs - (aroundMs ?? 0));

/** Tests of one file may run at the same time: how much of a test's time counts, so that those of a file are not more than the file's. */
function overlaps({ files, tests }: Timed): (file: string) => number {
  const own = new Map<string, number>();
  for (const { test, durationMs } of tests) own.set(test.file, (own.get(test.file) ?? 0) + durationMs);
  const shares = new Map(
    files.map((file) => {
      const ownMs = own.get(file.file) ?? 0;
      return [file.file, ownMs > inTests(file) ? inTests(file) / ownMs : 1];
    }),
  );
  return (file) => shares.get(file) ?? 1;
}

/** The time of a test in the suite, by what it was spent on. What it took alone beyond that is the tracer's doing. */
function spentIn({ durationMs, explanation }: LookedAt): [SpentOn, number][] {
  const { wallMs, spent } = explanation;
  const scale = wallMs > durationMs ? durationMs / wallMs : 1;
  const rows = BUCKETS.map((bucket): [SpentOn, number] => [bucket, spent[bucket] * scale]);
  return [...rows, ['beside', Math.max(0, durationMs - wallMs)]];
}

type Group = Pick<Mending, 'group' | 'tests' | 'at'> & { readonly savedByFileMs: ReadonlyMap<string, number> };

function savings(looked: readonly LookedAt[], shareOf: (file: string) => number): Group[] {
  const groups = new Map<CauseGroup, { tests: number; savedByFileMs: Map<string, number>; lines: Map<string, [Place, number]> }>();
  for (const each of looked) {
    const name = GROUP[each.explanation.cause.kind];
    if (name === null) continue;
    const group = groups.get(name) ?? { tests: 0, savedByFileMs: new Map(), lines: new Map() };
    groups.set(name, group);
    const savedMs = savedIn(each) * shareOf(each.test.file);
    group.tests += 1;
    group.savedByFileMs.set(each.test.file, (group.savedByFileMs.get(each.test.file) ?? 0) + savedMs);
    const { at } = each.explanation.cause;
    if (at === null) continue;
    const line = `${at.place.file}\0${at.place.line}`;
    group.lines.set(line, [at.place, (group.lines.get(line)?.[1] ?? 0) + savedMs]);
  }
  return [...groups].map(([group, { tests, savedByFileMs, lines }]) => {
    const [most] = [...lines.values()].toSorted((a, b) => b[1] - a[1]);
    return { group, tests, savedByFileMs, at: most?.[0] ?? null };
  });
}

/** What mending a test's cause saves in the suite. */
function savedIn({ durationMs, explanation: { cause, wallMs } }: LookedAt): number {
  const scale = isBeyond(cause, wallMs) || wallMs <= durationMs ? 1 : durationMs / wallMs;
  return Math.min(durationMs, cause.savesMs * scale);
}

/** The time that a test loses to others is not part of what it took alone. */
const isBeyond = ({ kind, spentMs }: Cause, wallMs: number): boolean => kind === 'contention' && spentMs > wallMs;

function together(groups: readonly Group[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const { savedByFileMs } of groups) for (const [file, ms] of savedByFileMs) all.set(file, (all.get(file) ?? 0) + ms);
  return all;
}
