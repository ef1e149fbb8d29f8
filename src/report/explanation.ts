import { BUCKETS, type Explanation, type Trace } from '../model/explanation.ts';
import { finite } from './json-text.ts';

/** The keys that an explanation adds to a finding, and to what `explain` says of a test: `cause` and `spent`. Times in ms. */
export function explanationOf({ cause, ...trace }: Explanation): { cause: object; spent: object; waits: object; functions: object } {
  return {
    cause: {
      kind: cause.kind,
      bucket: cause.bucket,
      spentMs: finite(cause.spentMs),
      savesMs: finite(cause.savesMs),
      moreLines: cause.moreLines,
      at:
        cause.at === null
          ? null
          : { ...cause.at.place, what: cause.at.what, count: cause.at.count, durationMs: finite(cause.at.durationMs) },
    },
    ...traceOf(trace),
  };
}

const MOST_LISTED = 20;

/** How a stretch of time was spent, for JSON. */
export function traceOf({ spent, waits, functions, hooks }: Trace): { spent: object; waits: object; functions: object; hooks: object } {
  return {
    spent: Object.fromEntries(BUCKETS.map((bucket) => [bucket, finite(spent[bucket])])),
    waits: waits
      .slice(0, MOST_LISTED)
      .map(({ place, durationMs, ...wait }) => ({ ...wait, ...(place ?? { file: null, line: null }), durationMs: finite(durationMs) })),
    functions: functions
      .slice(0, MOST_LISTED)
      .map(({ place, durationMs, ...hot }) => ({ ...hot, ...place, durationMs: finite(durationMs) })),
    hooks: hooks.map(({ place, durationMs, type }) => ({ type, ...(place ?? { file: null, line: null }), durationMs: finite(durationMs) })),
  };
}
