import type { Metric } from './coverage.ts';
import type { KnownSlow } from './known-slow.ts';
import type { Clock } from './machine.ts';

/** Limits in per cent by metric; an absent metric has no limit. */
export type MetricLimits = Readonly<Partial<Record<Metric, number>>>;

/** Per-file limits for files that match a glob; the last match wins. `regex` is the compiled source of `glob`, so that judging needs no library. */
export type FileOverride = { readonly glob: string; readonly regex: string; readonly limits: MetricLimits };

export type CoveragePolicy = {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly floor: MetricLimits;
  readonly baseline: MetricLimits;
  readonly target: MetricLimits;
  readonly perFile: MetricLimits;
  readonly overrides: readonly FileOverride[];
  /** Percentage points of lines that may be lost against the last checkpoint; null for no limit. */
  readonly maxDrop: number | null;
  /** Limits for the lines a push adds or changes; null for no limit. */
  readonly changed: MetricLimits | null;
};

/** Every line the team has drawn. Durations in ms. */
export type Policy = {
  readonly coverage: CoveragePolicy;
  readonly suite: { readonly budgetMs: number; readonly idealMs: number };
  readonly slow: { readonly limitMs: number; readonly targetMs: number };
  /** Which clock judges the time limits. */
  readonly limits: { readonly clock: Clock };
  readonly tests: { readonly skipNeedsReason: boolean; readonly flaky: 'fail' | 'warn' };
  readonly knownSlow: KnownSlow;
};

/** What is judged; single-gate commands name one. Failed tests and missing evidence are always judged. */
export type Gate = 'coverage' | 'suite' | 'slow' | 'tests';

export const ALL_GATES: readonly Gate[] = ['coverage', 'suite', 'slow', 'tests'];
