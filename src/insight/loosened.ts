import type { Config } from '../model/config.ts';
import { METRICS } from '../model/coverage.ts';
import type { FindingOf, Severity } from '../model/finding.ts';
import type { KnownSlow, KnownSlowEntry } from '../model/known-slow.ts';
import type { MetricLimits } from '../model/policy.ts';
import { testKey } from '../model/test-run.ts';

/** Everything a commit says about what has to hold. */
export type Terms = { readonly config: Config; readonly knownSlow: KnownSlow };

const LIMITS = ['floor', 'baseline', 'perFile', 'changed'] as const;

type Loosened = { readonly setting: string; readonly before: string; readonly after: string };

/** What became easier to hold between two commits, as findings of one severity, in the order of the configuration. Stricter is free. */
export function loosenedBetween(before: Terms, after: Terms, severity: Severity): FindingOf<'policy-loosened'>[] {
  const [was, is] = [before.config, after.config];
  const loosened = [
    ...lists(was, is),
    ...LIMITS.flatMap((key) => lowered(`coverage.${key}`, was.coverage[key] ?? {}, is.coverage[key] ?? {})),
    ...overrides(was, is),
    ...raised('coverage.maxDrop', was.coverage.maxDrop, is.coverage.maxDrop, String),
    ...raised('suite.budget', was.suite.budgetMs, is.suite.budgetMs, duration),
    ...raised('slow.limit', was.slow.limitMs, is.slow.limitMs, duration),
    ...switched('limits.clock', was.limits.clock, is.limits.clock, 'wall'),
    ...switched('tests.skipNeedsReason', was.tests.skipNeedsReason, is.tests.skipNeedsReason, true),
    ...switched('tests.flaky', was.tests.flaky, is.tests.flaky, 'fail'),
    ...switched('push.loosening', was.push.loosening, is.push.loosening, 'fail'),
    ...entries(before.knownSlow, after.knownSlow),
  ];
  return loosened.map((one) => ({ code: 'policy-loosened', severity, ...one }));
}

function lists(was: Config, is: Config): Loosened[] {
  return [
    ...testFiles(was.run.files, is.run.files),
    ...narrowed('coverage.include', was.coverage.include, is.coverage.include),
    ...without('coverage.exclude', is.coverage.exclude, was.coverage.exclude, was.coverage.exclude, is.coverage.exclude),
    ...narrowed('push.triggers', was.push.triggers, is.push.triggers),
  ];
}

/** Which test files run: a list in place of those that the test script names may leave some out. The other way it may not. */
function testFiles(was: readonly string[] | null, is: readonly string[] | null): Loosened[] {
  if (is === null) return [];
  return was === null
    ? [{ setting: 'run.files', before: 'those of the test script', after: listed(is, []) }]
    : narrowed('run.files', was, is);
}

/** A list names less when globs are gone from it, or more of it is taken out again. */
function narrowed(setting: string, before: readonly string[], after: readonly string[]): Loosened[] {
  const isException = (glob: string): boolean => /^!(?!\()/.test(glob);
  const isIncluded = (glob: string): boolean => !isException(glob);
  return [
    ...without(setting, before.filter(isIncluded), after.filter(isIncluded), before, after),
    ...without(setting, after.filter(isException), before.filter(isException), before, after),
  ];
}

/** A list is looser when one side has globs that the other has not: compared as texts, since what globs match differs by tree. */
function without(
  setting: string,
  full: readonly string[],
  lacking: readonly string[],
  before: readonly string[],
  after: readonly string[],
): Loosened[] {
  return full.every((glob) => lacking.includes(glob)) ? [] : [{ setting, before: listed(before, after), after: listed(after, before) }];
}

/** What the other list has not stands first: a long list is cut where it is shown. */
function listed(globs: readonly string[], other: readonly string[]): string {
  return globs.toSorted((a, b) => Number(other.includes(a)) - Number(other.includes(b))).join(' ') || 'none';
}

function lowered(setting: string, was: MetricLimits, is: MetricLimits): Loosened[] {
  const several = [...Object.keys(was), ...Object.keys(is)].some((metric) => metric !== 'lines');
  return METRICS.flatMap((metric): Loosened[] => {
    const [before, after] = [was[metric], is[metric]];
    if (before === undefined || (after !== undefined && after >= before)) return [];
    return [
      { setting: several ? `${setting}.${metric}` : setting, before: String(before), after: after === undefined ? 'none' : String(after) },
    ];
  });
}

/**
 * Limits of globs: the same glob is compared with itself, a new one with the limits that its files had before. Of two that match a file the
 * last one holds, so one that comes to stand behind another and asks for less takes from it what both match.
 */
function overrides(was: Config, is: Config): Loosened[] {
  const limitsIn = (config: Config, glob: string): MetricLimits =>
    config.coverage.overrides.findLast((each) => each.glob === glob)?.limits ?? config.coverage.perFile;
  const globs = new Set([...was.coverage.overrides, ...is.coverage.overrides].map(({ glob }) => glob));
  const own = [...globs].flatMap((glob) => lowered(`coverage.overrides["${glob}"]`, limitsIn(was, glob), limitsIn(is, glob)));
  return own.length > 0 ? own : shadowed(was.coverage.overrides, is.coverage.overrides);
}

type Overrides = Config['coverage']['overrides'];

function shadowed(was: Overrides, is: Overrides): Loosened[] {
  return was.flatMap((strict, at) => {
    const here = is.findLastIndex(({ glob }) => glob === strict.glob);
    const isNew = ({ glob }: Overrides[number]): boolean => !was.some((each, other) => each.glob === glob && other > at);
    const behind = is.slice(here + 1).filter((each) => here >= 0 && isNew(each) && mayMeet(strict.glob, each.glob));
    return behind.flatMap((each) => lowered(`coverage.overrides["${strict.glob}"]`, strict.limits, each.limits));
  });
}

/** Whether two globs may match the same file: they do not when they begin with different names. */
function mayMeet(one: string, other: string): boolean {
  const [a, b] = [one, other].map((glob) => /^[^*?[{(!]*/.exec(glob)?.[0] ?? '') as [string, string];
  return a.startsWith(b) || b.startsWith(a);
}

/** An upper limit that went up, or is gone. */
function raised(setting: string, was: number | null, is: number | null, write: (value: number) => string): Loosened[] {
  if (was === null || (is !== null && is <= was)) return [];
  return [{ setting, before: write(was), after: is === null ? 'none' : write(is) }];
}

function switched<Value>(setting: string, was: Value, is: Value, strict: Value): Loosened[] {
  return was === strict && is !== strict ? [{ setting, before: String(was), after: String(is) }] : [];
}

function entries(was: KnownSlow, is: KnownSlow): Loosened[] {
  const known = new Map(was.entries.map((entry) => [testKey(entry), entry]));
  return is.entries.flatMap((entry): Loosened[] => {
    const setting = `${is.path}:${entry.line} ${entry.file} ${entry.name}`;
    const before = known.get(testKey(entry));
    if (before === undefined) return [{ setting, before: 'not accepted', after: allowed(entry) }];
    const later = (entry.expires ?? 'never') > (before.expires ?? 'never');
    return entry.ceilingMs > before.ceilingMs || later ? [{ setting, before: allowed(before), after: allowed(entry) }] : [];
  });
}

function allowed(entry: KnownSlowEntry): string {
  return `${duration(entry.ceilingMs)}${entry.expires === null ? '' : ` until ${entry.expires}`}`;
}

/** Insight writes no formats: seconds where they are whole. */
function duration(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}
