import { isCalibratable } from '../insight/calibration.ts';
import { isLowerBound, METRICS, shortOf, totalOf, type Metric } from '../model/coverage.ts';
import type { Verdict } from '../model/finding.ts';
import type { MetricLimits } from '../model/policy.ts';
import { testsOf, type Outcome, type TestRun } from '../model/test-run.ts';
import type { Context } from './context.ts';
import { machineText } from './messages/machine.ts';
import { amount, limitPct, pct, plural, timeBeside } from './units.ts';

/** How many tests of a run came to each outcome. */
export function outcomesOf(run: TestRun): Readonly<Record<Outcome, number>> {
  const counts: Record<Outcome, number> = { passed: 0, failed: 0, skipped: 0, todo: 0, flaky: 0 };
  for (const test of testsOf(run)) counts[test.outcome] += 1;
  return counts;
}

/** The one line a pass is: `412 tests in 96.3 s, coverage 71.4 % (floor 64 %), nothing newly slow.` */
export function passLine(verdict: Verdict, context: Context): string {
  const warnings = verdict.findings.filter((finding) => finding.severity === 'warning').length;
  const slow = context.gates.includes('slow') ? [warnsOfSlow(verdict) ? 'no slow test over its limit' : 'nothing newly slow'] : [];
  const before = context.verified === null ? '' : `already verified ${context.verified}: `;
  const said = `${before}${[measured(verdict.run, context), ...slow].join(', ')}${clockOf(verdict.run, context)}`;
  return warnings > 0 ? `${said}; ${plural(warnings, 'warning')} above.` : `${said}.`;
}

/** A pass that rests on the other clock says so. */
function clockOf(run: TestRun, { policy }: Context): string {
  if (policy.limits.clock === 'wall' || run.machine === undefined || !isCalibratable(run)) return '';
  return `; times as on the reference machine (${machineText(run.machine)})`;
}

/** What was measured, for a run that did not pass; null when no test ran. */
export function measuredLine(verdict: Verdict, context: Context): string | null {
  const { run } = verdict;
  if (testsOf(run).length === 0) return null;
  // A test around one that failed has failed too, but only the one is named.
  const named = verdict.findings.filter((finding) => finding.code === 'test-failed' && finding.test.outcome === 'failed').length;
  const counts = { ...outcomesOf(run), ...(named > 0 ? { failed: named } : {}) };
  const parts = (['failed', 'flaky', 'skipped', 'todo'] as const).filter((outcome) => counts[outcome] > 0);
  const outcomes = parts.map((outcome) => `${counts[outcome]} ${outcome}`).join(', ');
  return `Measured: ${measured(run, context)}${outcomes ? `; ${outcomes}` : ''}.`;
}

function warnsOfSlow(verdict: Verdict): boolean {
  return verdict.findings.some((finding) => finding.severity !== 'error' && finding.code.startsWith('known-slow-'));
}

function measured(run: TestRun, context: Context): string {
  return [`${plural(testsOf(run).length, 'test')}${timeOf(run, context)}`, ...coverageParts(run, context)].join(', ');
}

/** ` in 96.3 s`; for a run that reused some files, how many, and what all of it would take. */
function timeOf(run: TestRun, context: Context): string {
  const { budgetMs } = context.policy.suite;
  const reused = run.files.filter((file) => file.origin === 'reused').length;
  const bare = run.bareWallMs === null ? '' : ` (${timeBeside(run.bareWallMs, budgetMs)} without coverage)`;
  const all = run.projectedWallMs === undefined ? '' : ` (about ${timeBeside(run.projectedWallMs, budgetMs)} in full)`;
  if (reused > 0 && reused === run.files.length) return `, all of them reused${all}`;
  const again = reused > 0 ? `, ${reused} of ${plural(run.files.length, 'file')} reused${all}` : '';
  return ` in ${timeBeside(run.wallMs, budgetMs)}${bare}${again}`;
}

function coverageParts(run: TestRun, context: Context): string[] {
  const { coverage } = run;
  if (coverage === null || coverage.files.length === 0 || !context.gates.includes('coverage')) return [];
  const { floor, target } = context.policy.coverage;
  const metrics = METRICS.filter((metric) => metric === 'lines' || floor[metric] !== undefined);
  const isPartial = run.lost.length > 0 || run.unproven.length > 0;
  return metrics.map((metric) => {
    const count = totalOf(coverage, metric);
    const name = metric === 'lines' ? 'coverage' : metric;
    const least = isPartial && isLowerBound(coverage, metric) ? 'at least ' : '';
    const limits = limitsText(metric, floor, target, shortOf(count, target[metric] ?? 0));
    return `${name} ${least}${pct(count, floor[metric] ?? null)}${limits}`;
  });
}

/** ` (floor 64 %, target 80 %: 34 lines to go)`; a target that is reached is not mentioned. */
function limitsText(metric: Metric, floor: MetricLimits, target: MetricLimits, toTarget: number): string {
  const floorPct = floor[metric];
  const targetPct = target[metric];
  const parts = floorPct === undefined ? [] : [`floor ${limitPct(floorPct)}`];
  if (targetPct !== undefined && toTarget > 0) parts.push(`target ${limitPct(targetPct)}: ${amount(toTarget, metric)} to go`);
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}
