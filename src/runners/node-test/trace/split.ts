import { BUCKETS, byTime, type Bucket, type HotFunction, type Trace, type Wait } from '../../../model/explanation.ts';
import type { Places } from './places.ts';
import type { BlockRecord, GapRecord, HookRecord, TraceRecord, WaitRecord } from './record.ts';
import type { Sample } from './samples.ts';

type Span = readonly [start: number, end: number];

/** A stretch of a process's life and what was noted of it. */
export type Stretch = {
  readonly start: number;
  readonly end: number;
  /** Left out of it. */
  readonly inner: readonly Span[];
  readonly hooks: readonly HookRecord[];
  readonly waits: readonly WaitRecord[];
  readonly gaps: readonly GapRecord[];
  /** Whether code that ran at a time is that of another test. */
  readonly isForeign: (at: number) => boolean;
};

const WAIT_BUCKETS: Readonly<Record<WaitRecord['kind'], Bucket>> = {
  timers: 'timers',
  children: 'children',
  network: 'network',
  files: 'files',
  threads: 'threads',
  loading: 'loading',
  node: 'node',
};

/**
 * Splits a stretch. What was waited for is known by its times; what ran in the rest is told by the samples, which are stretched to fill
 * it: a busy machine loses some.
 */
export function split(stretch: Stretch, record: TraceRecord, samples: readonly Sample[], places: Places): Trace {
  const wallMs = lengthOf(stretch) - stretch.inner.reduce((sum, [from, to]) => sum + overlap(stretch, from, to), 0);
  const blocks = record.blocks.filter(
    (block) => block.end > stretch.start && block.start < stretch.end && !isIn(stretch.inner, block.start),
  );
  const ran = ranIn(stretch, samples, blocks);
  const waits = [...waitsIn(stretch, ran.inGaps, places), ...together(blocks.flatMap((block) => blockedIn(stretch, block, places)))];
  const waitedMs = waits.reduce((sum, wait) => sum + wait.durationMs, 0);
  const foreignBlocksMs = blocks.reduce(
    (sum, block) => sum + (stretch.isForeign(block.start) ? overlap(stretch, block.start, block.end) : 0),
    0,
  );
  const activeMs = Math.max(0, wallMs - waitedMs - foreignBlocksMs);
  const scale = ran.totalMs > 0 ? activeMs / ran.totalMs : 0;

  const spent = Object.fromEntries(BUCKETS.map((bucket) => [bucket, (ran.spent.get(bucket) ?? 0) * scale])) as Record<Bucket, number>;
  if (ran.totalMs === 0) spent.node += activeMs;
  spent.others += foreignBlocksMs;
  for (const wait of waits) spent[wait.inHook ? 'hooks' : wait.bucket] += wait.durationMs;
  return {
    wallMs,
    spent,
    waits: waits.toSorted(byTime),
    functions: [...ran.functions.values()]
      .map((hot) => ({ ...hot, durationMs: hot.durationMs * scale }))
      .toSorted((a, b) => b.durationMs - a.durationMs),
    hooks: stretch.hooks
      .filter(({ type }) => type !== '')
      .map(({ type, file, line, start, end }) => ({ type, place: places.at(file, line, 0), durationMs: end - start })),
  };
}

const lengthOf = ({ start, end }: Pick<Stretch, 'start' | 'end'>): number => Math.max(0, end - start);
const isIn = (spans: readonly Span[], at: number): boolean => spans.some(([from, to]) => at >= from && at < to);
const overlap = ({ start, end }: Pick<Stretch, 'start' | 'end'>, from: number, to: number): number =>
  Math.max(0, Math.min(end, to) - Math.max(start, from));

/** On a busy machine samples come late: one of the moment before the loop idles does not stand for all the time until the next. */
const MOST_SAMPLE_MS = 2;

type Ran = {
  readonly totalMs: number;
  readonly spent: Map<Bucket, number>;
  readonly functions: Map<string, HotFunction>;
  /** Code that ran inside gaps, by gap: the main script's, and native code's. */
  readonly inGaps: Map<GapRecord, number>;
};

/** What the samples of a stretch say, unscaled. */
function ranIn(stretch: Stretch, samples: readonly Sample[], blocks: readonly BlockRecord[]): Ran {
  const spent = new Map<Bucket, number>();
  const functions = new Map<string, HotFunction>();
  const inGaps = new Map<GapRecord, number>();
  const gaps = stretch.gaps.toSorted((a, b) => a[0] - b[0]);
  let totalMs = 0;
  let next = 0;
  for (const sample of samples) {
    const { at, ms, bucket, caller } = sample;
    if (at < stretch.start || at >= stretch.end || bucket === null || isIn(stretch.inner, at)) continue;
    if (blocks.some((block) => at >= block.start && at < block.end)) continue;
    while ((gaps[next]?.[1] ?? Infinity) <= at) next += 1;
    const gap = gaps[next];
    if (gap !== undefined && at >= gap[0]) {
      if (sample.isNative || (gap[3] === 1 && stretch.isForeign(at))) continue;
      inGaps.set(gap, (inGaps.get(gap) ?? 0) + Math.min(ms, MOST_SAMPLE_MS));
    }
    const counts: Bucket = stretch.isForeign(at) ? 'others' : isHook(stretch, at) ? 'hooks' : bucket;
    spent.set(counts, (spent.get(counts) ?? 0) + ms);
    totalMs += ms;
    if (caller === null || counts === 'others') continue;
    const key = JSON.stringify([caller.name, caller.place, bucket]);
    functions.set(key, { ...caller, bucket, durationMs: (functions.get(key)?.durationMs ?? 0) + ms });
  }
  return { totalMs, spent, functions, inGaps };
}

const isHook = ({ hooks }: Stretch, at: number): boolean => hooks.some((hook) => hook.type !== '' && at >= hook.start && at < hook.end);

function waitsIn(stretch: Stretch, inGaps: Ran['inGaps'], places: Places): Wait[] {
  const times = stretch.waits.map((wait) => wait.ms);
  for (const gap of stretch.gaps) {
    const [from, to, wait] = gap;
    times[wait] = (times[wait] ?? 0) + Math.max(0, overlap(stretch, from, to) - (inGaps.get(gap) ?? 0));
  }
  return stretch.waits.flatMap((wait, index) => {
    const { kind, what, file, line, column, count, inHook, delays } = wait;
    const durationMs = times[index] ?? 0;
    const place = places.at(file, line, column);
    return durationMs > 0 ? [{ bucket: WAIT_BUCKETS[kind], what, place, count, durationMs, inHook, delaysMs: delays }] : [];
  });
}

/** Calls of one line as one. */
function together(calls: readonly Wait[]): Wait[] {
  const merged = new Map<string, Wait>();
  for (const call of calls) {
    const key = JSON.stringify([call.bucket, call.what, call.place, call.inHook]);
    const known = merged.get(key);
    const count = (known?.count ?? 0) + 1;
    merged.set(key, { ...call, count, durationMs: call.durationMs + (known?.durationMs ?? 0) });
  }
  return [...merged.values()];
}

function blockedIn(stretch: Stretch, block: BlockRecord, places: Places): Wait[] {
  if (stretch.isForeign(block.start)) return [];
  const { kind, what, file, line, column } = block;
  const durationMs = overlap(stretch, block.start, block.end);
  const place = places.at(file, line, column);
  const inHook = isHook(stretch, block.start);
  return [{ bucket: kind === 'loading' ? 'loading' : 'blocked', what, place, count: 1, durationMs, inHook, delaysMs: [] }];
}
