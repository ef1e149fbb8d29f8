import { gapOf, gapsOf, mostToGainFirst } from '../insight/gaps.ts';
import { judgeChanged } from './changed.ts';
import { METRICS, holds, isLowerBound, totalOf } from '../model/coverage.ts';
import type { Count, Coverage, LineRange, Metric } from '../model/coverage.ts';
import type { Flicker, Past } from '../model/checkpoint.ts';
import type { Before, Finding, FindingOf } from '../model/finding.ts';
import type { CoveragePolicy, MetricLimits } from '../model/policy.ts';
import type { TestRun, Unproven } from '../model/test-run.ts';

/** What the coverage gate says: findings, and evidence it misses. */
export type CoverageJudgement = { readonly findings: readonly Finding[]; readonly unproven: readonly Unproven[] };

const NOTHING: CoverageJudgement = { findings: [], unproven: [] };

/**
 * Holds the coverage of a run against every coverage limit. A run without instrumentation is not judged. Where part of the evidence is
 * missing the figure is a lower bound, where it is one: a limit it holds is held, a limit it misses is not shown to be missed.
 */
export function judgeCoverage(run: TestRun, policy: CoveragePolicy, past: Past): CoverageJudgement {
  if (!run.instrumented) return NOTHING;
  const missing = missingCoverage(run, policy);
  if (missing) return run.unproven.length > 0 ? NOTHING : { findings: [], unproven: [missing] };
  const findings = coverageFindings(run.coverage as Coverage, policy, past);
  return run.lost.length > 0 || run.unproven.length > 0 ? asLowerBound(run, policy, findings) : { findings, unproven: [] };
}

/** Why there is nothing to judge; null when there is something. */
function missingCoverage(run: TestRun, policy: CoveragePolicy): Unproven | null {
  if (run.coverage === null) return { kind: 'no-coverage' };
  if (run.coverage.files.length === 0) return { kind: 'nothing-included', include: policy.include };
  return totalOf(run.coverage, 'lines').total > 0 ? null : { kind: 'no-coverage' };
}

/** A figure that is a lower bound. Where other evidence is missing too, that already ends the run without a verdict and says why. */
function asLowerBound(run: TestRun, policy: CoveragePolicy, findings: readonly Finding[]): CoverageJudgement {
  if (run.lost.length === 0) return NOTHING;
  const isMissed = findings.some((finding) => finding.severity === 'error');
  const limits = [policy.floor, policy.perFile, ...policy.overrides.map((override) => override.limits)];
  const limited = METRICS.filter((metric) => limits.some((each) => (each[metric] ?? 0) > 0));
  const unknown = isMissed ? [] : limited.filter((metric) => !isLowerBound(run.coverage as Coverage, metric));
  if (isMissed || unknown.length > 0)
    return run.unproven.length > 0 ? NOTHING : { findings: [], unproven: [{ kind: 'coverage-lost', processes: run.lost, unknown }] };
  // A missed baseline is not shown either, but that it was not shown to hold deserves the warning it would have been.
  const severity = findings.length > 0 ? 'warning' : 'note';
  return { findings: [{ code: 'coverage-partial', severity, processes: run.lost }], unproven: [] };
}

function coverageFindings(coverage: Coverage, policy: CoveragePolicy, past: Past): Finding[] {
  const missed = (limits: MetricLimits) => missedTotals(coverage, limits, policy.target, past);
  const underFloor = missed(policy.floor);
  const floor = underFloor.map((facts): Finding => ({ code: 'coverage-floor', severity: 'error', ...facts }));
  const baseline = missed(policy.baseline)
    .filter(({ metric }) => !underFloor.some((one) => one.metric === metric))
    .map((facts): Finding => ({ code: 'coverage-baseline', severity: 'warning', ...facts }));
  return [
    ...floor,
    ...baseline,
    ...fileFindings(coverage, policy),
    ...dropFindings(coverage, policy, past),
    ...judgeChanged(coverage, policy.changed, past.changes ?? null),
  ];
}

type MissedTotal = Omit<FindingOf<'coverage-floor'>, 'code' | 'severity'>;

/** The metrics whose total misses its limit; files are measured against the target where that lies above the limit. */
function missedTotals(coverage: Coverage, limits: MetricLimits, target: MetricLimits, past: Past): MissedTotal[] {
  return limitsOf(limits).flatMap(([metric, limitPct]): MissedTotal[] => {
    const count = totalOf(coverage, metric);
    if (holds(count, limitPct)) return [];
    const goalPct = Math.max(limitPct, target[metric] ?? limitPct);
    return [{ metric, count, limitPct, goalPct, gaps: gapsOf(coverage, metric, goalPct), before: beforeOf(past, metric) }];
  });
}

function limitsOf(limits: MetricLimits): [Metric, number][] {
  return METRICS.flatMap((metric): [Metric, number][] => {
    const limitPct = limits[metric];
    // c8's statements are its lines: what both miss is said once.
    const isSaid = metric === 'statements' && (limits.lines ?? -1) >= (limitPct ?? 0);
    return limitPct === undefined || isSaid ? [] : [[metric, limitPct]];
  });
}

function beforeOf(past: Past, metric: Metric): Before | null {
  const count = past.checkpoint?.coverage?.[metric];
  return past.checkpoint && count ? { count, commit: past.checkpoint.commit } : null;
}

/** Each file against its own limits: those of the last override that matches it, else the common ones. Most to gain first. */
function fileFindings(coverage: Coverage, policy: CoveragePolicy): Finding[] {
  const overrides = policy.overrides.map((override) => ({ ...override, pattern: new RegExp(override.regex) }));
  const findings: FindingOf<'coverage-file'>[] = [];
  for (const file of coverage.files) {
    const override = overrides.findLast(({ pattern }) => pattern.test(file.file));
    for (const [metric, limitPct] of limitsOf(override?.limits ?? policy.perFile)) {
      if (holds(file[metric], limitPct)) continue;
      const gap = gapOf(file, metric, limitPct);
      findings.push({ code: 'coverage-file', severity: 'error', metric, gap, limitPct, glob: override?.glob ?? null });
    }
  }
  return findings.toSorted((a, b) => mostToGainFirst(a.gap, b.gap));
}

function dropFindings(coverage: Coverage, policy: CoveragePolicy, past: Past): Finding[] {
  const metric = 'lines';
  const before = beforeOf(past, metric);
  if (policy.maxDrop === null || before === null) return [];
  const count = totalOf(coverage, metric);
  if (dropHolds(before.count, count, policy.maxDrop)) return [];
  const flickering = flickeringIn(coverage, past.flicker ?? []);
  // A checkpoint holds sums: which of these lines ran then is not known, so they are taken as run now.
  const isShown = !dropHolds(before.count, { ...count, covered: count.covered + flickering }, policy.maxDrop);
  // Measured against everything: a drop is undone wherever lines never ran.
  const gaps = gapsOf(coverage, metric, 100);
  const facts = { metric, count, before, maxDrop: policy.maxDrop, gaps, flickering } as const;
  return [{ code: 'coverage-drop', severity: isShown ? 'error' : 'note', ...facts }];
}

/** How many of the lines that did not run are known to run in some runs of the same code only. */
function flickeringIn(coverage: Coverage, flicker: readonly Flicker[]): number {
  const known = new Map(flicker.map((each) => [each.file, each]));
  return coverage.files.reduce((sum, { file, hash, uncovered }) => {
    const each = known.get(file);
    return each?.hash === hash ? sum + inBoth(uncovered, each.lines) : sum;
  }, 0);
}

function inBoth(some: readonly LineRange[], others: readonly LineRange[]): number {
  const overlap = ([from, to]: LineRange, [first, last]: LineRange): number => Math.max(0, Math.min(to, last) - Math.max(from, first) + 1);
  return some.flatMap((one) => others.map((other) => overlap(one, other))).reduce((sum, lines) => sum + lines, 0);
}

/**
 * Whether at most `maxDrop` percentage points (two decimals at most) were lost between two counts. Cross-multiplied in whole numbers:
 * floats would fail a drop of exactly the limit. Nothing to cover on either side is no drop; a count that is not a whole number fails.
 */
export function dropHolds(before: Count, now: Count, maxDrop: number): boolean {
  const allowed = Math.round(maxDrop * 100);
  const numbers = [before.covered, before.total, now.covered, now.total, allowed];
  if (!numbers.every(Number.isSafeInteger)) return false;
  const [wasCovered, wasTotal, covered, total, limit] = numbers.map(BigInt) as [bigint, bigint, bigint, bigint, bigint];
  return 10_000n * (wasCovered * total - covered * wasTotal) <= limit * wasTotal * total;
}
