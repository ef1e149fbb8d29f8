import {
  byTime,
  type Bucket,
  type Cause,
  type CauseKind,
  type Explanation,
  type HotFunction,
  type Place,
  type Trace,
  type Wait,
} from '../model/explanation.ts';

/** Under this share of a test's time nothing is its cause. */
const LEAST_SHARE = 0.35;
/** A function with less than this of the computing is no place to begin. */
const LEAST_OF_CPU = 0.2;
/** A line with less than this of the waiting is not worth naming. */
const LEAST_OF_LINE = 0.1;
/** A suite's time this many times that of the test alone, and so much longer, in ms, is the suite's doing. */
const CONTENTION = { times: 2, leastMs: 200 } as const;
/** So many equal waits on one line ask whether something has happened. */
const POLLS = 5;

type Guess = { readonly kind: CauseKind; readonly bucket: Bucket; readonly spentMs: number };

/** Puts a trace and what to make of it together. `suiteMs` is what the test took in the suite; null when that is not known. */
export function explained(trace: Trace, suiteMs: number | null): Explanation {
  return { ...trace, cause: causeOf(trace, suiteMs) };
}

/** Why a test is slow, out of how its time was spent. */
export function causeOf(trace: Trace, suiteMs: number | null): Cause {
  const { wallMs } = trace;
  const beyondMs = suiteMs === null ? 0 : suiteMs - wallMs;
  if (beyondMs > CONTENTION.leastMs && beyondMs > (CONTENTION.times - 1) * wallMs)
    return { kind: 'contention', bucket: 'others', spentMs: beyondMs, savesMs: beyondMs, at: null, moreLines: 0 };
  const [first] = guesses(trace).toSorted((a, b) => b.spentMs - a.spentMs);
  if (first === undefined || !(first.spentMs >= wallMs * LEAST_SHARE))
    return { kind: 'mixed', bucket: first?.bucket ?? 'node', spentMs: first?.spentMs ?? 0, savesMs: 0, at: null, moreLines: 0 };
  return followed(trace, first);
}

/** What a test may be slow for, each with its time. */
function guesses({ spent, waits }: Trace): Guess[] {
  const blockedMs = (isSleep: boolean): number =>
    sum(waits.filter((wait) => wait.bucket === 'blocked' && !wait.inHook && isAtomics(wait) === isSleep));
  return [
    { kind: 'timer', bucket: 'timers', spentMs: spent.timers },
    { kind: 'subprocess', bucket: blockedMs(false) > spent.children ? 'blocked' : 'children', spentMs: spent.children + blockedMs(false) },
    { kind: 'sleep', bucket: 'blocked', spentMs: blockedMs(true) },
    { kind: 'network', bucket: 'network', spentMs: spent.network },
    { kind: 'files', bucket: 'files', spentMs: spent.files },
    { kind: 'threads', bucket: 'threads', spentMs: spent.threads },
    { kind: 'imports', bucket: 'loading', spentMs: spent.loading },
    { kind: 'hooks', bucket: 'hooks', spentMs: spent.hooks },
    { kind: 'contention', bucket: 'others', spentMs: spent.others },
    spent.gc > spent.source + spent.packages + spent.node
      ? { kind: 'memory', bucket: 'gc', spentMs: spent.gc }
      : {
          kind: 'cpu',
          bucket: largest(spent, ['source', 'packages', 'node']),
          spentMs: spent.source + spent.packages + spent.node + spent.gc,
        },
  ];
}

const isAtomics = (wait: Wait): boolean => wait.what === 'Atomics.wait';
const sum = (timed: readonly { readonly durationMs: number }[]): number => timed.reduce((total, each) => total + each.durationMs, 0);

function largest(spent: Trace['spent'], buckets: readonly Bucket[]): Bucket {
  return buckets.reduce((best, bucket) => (spent[bucket] > spent[best] ? bucket : best));
}

/** A guess with the line it leads to, and what mending it would save. */
function followed(trace: Trace, guess: Guess): Cause {
  const { kind, spentMs, bucket } = guess;
  if (kind === 'hooks') return { ...guess, savesMs: spentMs, at: hookAt(trace), moreLines: 0 };
  if (kind === 'cpu' || kind === 'memory' || kind === 'imports') return computed(trace, guess);
  const waits = placesOf(trace.waits.filter((wait) => !wait.inHook && isOf(guess, wait)));
  const [wait] = waits;
  const at = wait === undefined ? functionAt(trace, (each) => each.bucket === bucket) : atOf(wait);
  const more = waits.slice(1).filter((each) => each.durationMs >= spentMs * LEAST_OF_LINE);
  const all = { ...guess, savesMs: (at?.durationMs ?? spentMs) + sum(more), at, moreLines: more.length };
  if (kind === 'timer' && wait !== undefined) return { ...all, kind: timerKind(wait) };
  // One process has to be started all the same.
  return kind === 'subprocess' && at !== null && at.count > 1 ? { ...all, savesMs: all.savesMs - at.durationMs / at.count } : all;
}

function computed(trace: Trace, guess: Guess): Cause {
  const { kind, spentMs, bucket } = guess;
  const isImport = kind === 'imports';
  const hot = functionAt(trace, (each) => (each.bucket === 'loading') === isImport);
  // One function of many is not the reason.
  const at = hot !== null && hot.durationMs >= spentMs * LEAST_OF_CPU ? hot : null;
  const [waited] = isImport && at === null ? placesOf(trace.waits.filter((wait) => wait.bucket === bucket)) : [];
  return {
    ...guess,
    savesMs: isImport ? spentMs : (at?.durationMs ?? spentMs),
    at: waited === undefined ? at : atOf(waited),
    moreLines: 0,
  };
}

function isOf({ kind, bucket }: Guess, wait: Wait): boolean {
  if (kind === 'subprocess') return wait.bucket === 'children' || (wait.bucket === 'blocked' && !isAtomics(wait));
  return wait.bucket === bucket && (kind !== 'sleep' || isAtomics(wait));
}

type Placed = Wait & { readonly place: Place };

/** Waits that a line of the user's made, the longest first. */
function placesOf(waits: readonly Wait[]): Placed[] {
  return waits.filter((wait): wait is Placed => wait.place !== null).toSorted(byTime);
}

const atOf = ({ place, what, count, durationMs }: Placed): NonNullable<Cause['at']> => ({ place, what, count, durationMs });

function functionAt({ functions }: Trace, isMeant: (each: HotFunction) => boolean): Cause['at'] {
  const [hot] = functions.filter(isMeant);
  return hot === undefined ? null : { place: hot.place, what: hot.name, count: 1, durationMs: hot.durationMs };
}

function hookAt({ hooks }: Trace): Cause['at'] {
  const [hook] = hooks.toSorted((a, b) => b.durationMs - a.durationMs);
  return hook?.place == null ? null : { place: hook.place, what: hook.type, count: 1, durationMs: hook.durationMs };
}

/** Waits that grow are a retry that backs off; an interval, or many equal ones, ask again and again. */
function timerKind({ what, count, delaysMs }: Wait): CauseKind {
  if (what === 'setInterval') return count > 1 ? 'polling' : 'timer';
  const [first = 0] = delaysMs;
  const grows =
    delaysMs.length > 1 && delaysMs.every((delay, index) => delay >= (delaysMs[index - 1] ?? 0)) && (delaysMs.at(-1) ?? 0) >= first * 1.3;
  if (grows) return 'retry';
  return count >= POLLS && delaysMs.every((delay) => delay === first) ? 'polling' : 'timer';
}
