import { parseDuration } from '../formats/duration.ts';
import { isNegated, regexOf } from '../formats/globs.ts';
import type { Config } from '../model/config.ts';
import type { CoveragePolicy, FileOverride, MetricLimits } from '../model/policy.ts';
import { DEFAULT_EXCLUDE, DEFAULTS } from './defaults.ts';
import type { UserConfig, UserLimits } from './schema.ts';

/** Fills in what the user left out. `hasSrc`: the project has a `src` folder, which is then what is measured. */
export function resolveConfig(user: UserConfig, hasSrc: boolean): Config {
  const { run = {}, suite = {}, slow = {}, limits = {}, tests = {}, push = {} } = user;
  const budgetMs = ms(suite.budget) ?? DEFAULTS.budgetMs;
  const limitMs = ms(slow.limit) ?? DEFAULTS.slowLimitMs;
  const coverage = coverageOf(user.coverage ?? {}, hasSrc);
  const allowlist = slow.allowlist ?? DEFAULTS.allowlist;
  return {
    run: {
      command: run.command ?? null,
      files: run.files ?? null,
      timeoutMs: ms(run.timeout) ?? DEFAULTS.timeoutMs,
      inputs: run.inputs ?? [],
      always: run.always ?? [],
      env: run.env ?? [],
      trustSubprocess: run.trustSubprocess ?? false,
      turbo: run.turbo ?? 'auto',
    },
    coverage,
    // Without an ideal or a target of its own, reaching the limit itself is the ideal.
    suite: { budgetMs, idealMs: suite.ideal === null ? budgetMs : (ms(suite.ideal) ?? Math.min(DEFAULTS.idealMs, budgetMs)) },
    slow: {
      limitMs,
      targetMs: slow.target === null ? limitMs : (ms(slow.target) ?? Math.min(DEFAULTS.slowTargetMs, limitMs)),
      allowlist,
    },
    limits: { clock: limits.clock ?? 'wall' },
    tests: { skipNeedsReason: tests.skipNeedsReason ?? true, flaky: tests.flaky ?? 'fail' },
    push: {
      triggers: push.triggers ?? defaultTriggers([...coverage.include, ...(run.files ?? []), allowlist]),
      isolate: push.isolate ?? 'auto',
      prepare: push.prepare ?? null,
      sshIdleMs: ms(push.sshIdle) ?? DEFAULTS.sshIdleMs,
      loosening: push.loosening ?? 'note',
    },
  };
}

/** What is taken out elsewhere triggers all the same, where another glob names it. */
function defaultTriggers(more: readonly string[]): string[] {
  return [...new Set([...DEFAULTS.triggers, ...more.filter((glob) => !isNegated(glob))])];
}

function coverageOf(user: NonNullable<UserConfig['coverage']>, hasSrc: boolean): CoveragePolicy {
  // Baseline and target belong to the default floor; beside a floor of the user's own they would mean nothing.
  const defaults = user.floor === undefined;
  return {
    include: user.include ?? [hasSrc ? 'src/**' : '**'],
    exclude: user.exclude ?? DEFAULT_EXCLUDE,
    floor: limitsOf(user.floor, DEFAULTS.floorPct),
    baseline: limitsOf(user.baseline, defaults ? DEFAULTS.baselinePct : null),
    target: limitsOf(user.target, defaults ? DEFAULTS.targetPct : null),
    perFile: limitsOf(user.perFile, null),
    overrides: Object.entries(user.overrides ?? {}).map(overrideOf),
    maxDrop: user.maxDrop ?? null,
    changed: user.changed == null ? null : limitsOf(user.changed, null),
  };
}

function overrideOf([glob, limits]: [string, UserLimits]): FileOverride {
  return { glob, regex: regexOf(glob), limits: limitsOf(limits, null) };
}

/** A bare number means lines; null means no limit. */
function limitsOf(user: UserLimits | undefined, defaultLinesPct: number | null): MetricLimits {
  const limits = user === undefined ? defaultLinesPct : user;
  if (limits === null) return {};
  if (typeof limits === 'number') return { lines: limits };
  return Object.fromEntries(Object.entries(limits).filter(([, pct]) => pct !== undefined));
}

function ms(written: string | null | undefined): number | null {
  return written == null ? null : parseDuration(written);
}
