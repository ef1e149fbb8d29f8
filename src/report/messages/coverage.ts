import { enoughAlone, uncoveredOf } from '../../insight/gaps.ts';
import { pctOf, shortOf, type Count, type Metric } from '../../model/coverage.ts';
import type { FileGap, FindingOf } from '../../model/finding.ts';
import type { Context } from '../context.ts';
import { fit, table } from '../tables.ts';
import { amount, clean, COVERED_VERB, limitPct, lineRanges, MISSED_VERB, pct, pctPair, plural } from '../units.ts';
import { firstRows, limitLine, MOST_ROWS, words, type Words } from './words.ts';

const EVERY_FILE = 'pushgate coverage --json   lists every file with the lines that never ran';

/** Total coverage below its floor or its baseline. */
export function coverageTotal(finding: FindingOf<'coverage-floor' | 'coverage-baseline'>, context: Context): Words {
  const { metric, count, limitPct: limit, gaps, before, goalPct } = finding;
  const isFloor = finding.code === 'coverage-floor';
  const deficit = shortOf(count, limit);
  const toDo = `cover ${deficit} more to ${isFloor ? 'pass' : 'reach it'}`;
  const now = before ? pctPair(count, before.count)[1] : '';
  return words({
    headline: `Coverage is ${pct(count, limit)} of ${metric}; the ${isFloor ? 'floor' : 'baseline'} is ${limitPct(limit)}.`,
    distance: [`${ran(count, metric)}; ${toDo}.${before ? ` It was ${now} at ${clean(before.commit.slice(0, 7))}.` : ''}`],
    evidence: gapTable(gaps, `short of ${limitPct(goalPct)}`),
    advice: [...enough(gaps, deficit, metric), EVERY_FILE, ...whatCounts(context)],
    limit: limitLine(context, isFloor ? 'coverage.floor' : 'coverage.baseline'),
    actual: pctOf(count),
    allowed: limit,
  });
}

/** Before anybody has said what the sources are, tools and examples count too. */
function whatCounts({ isSetUp, policy }: Context): string[] {
  const everything = !isSetUp && policy.coverage.include.includes('**');
  return everything ? ['pushgate init   finds out which files are sources; so far all count that coverage.exclude does not name'] : [];
}

/** One file below the minimum for files. */
export function coverageFile(finding: FindingOf<'coverage-file'>, context: Context): Words {
  const { metric, gap, limitPct: limit, glob } = finding;
  const deficit = shortOf(gap.count, limit);
  const longest = longestOf(gap);
  return words({
    headline: `${clean(gap.file)} is covered to ${pct(gap.count, limit)} of its ${metric}; its minimum is ${limitPct(limit)}.`,
    distance: [`${ran(gap.count, metric)}; cover ${deficit} more to pass.`],
    evidence: gap.uncovered.length > 0 ? [`uncovered lines  ${lineRanges(gap.uncovered, 8)}`] : [],
    advice: longest ? [`The longest stretch that never ran: ${clean(gap.file)}:${longest.from}, ${plural(longest.lines, 'line')}.`] : [],
    limit: fileLimit(glob, context),
    file: gap.file,
    line: longest?.from ?? null,
    actual: pctOf(gap.count),
    allowed: limit,
  });
}

/** Several files below the minimum for files. */
export function coverageFiles(findings: readonly FindingOf<'coverage-file'>[], context: Context): Words {
  const { rows, more } = firstRows(findings);
  const lines = table(
    [{ header: 'file' }, { header: 'covered', align: 'right' }, { header: 'minimum', align: 'right' }, { header: 'short', align: 'right' }],
    rows.map(({ gap, metric, limitPct: limit }) => [
      fit(clean(gap.file), 60, 'end'),
      pct(gap.count, limit),
      limitPct(limit),
      amount(shortOf(gap.count, limit), metric),
    ]),
  );
  const files = new Set(findings.map((finding) => finding.gap.file)).size;
  const globs = new Set(findings.map((finding) => finding.glob));
  return words({
    headline: `${plural(files, 'file is', 'files are')} covered less than the minimum for ${files === 1 ? 'it' : 'them'}.`,
    evidence: [...lines, ...more],
    advice: [EVERY_FILE],
    limit: fileLimit(globs.size === 1 ? ([...globs][0] ?? null) : null, context, globs.size > 1 && !globs.has(null)),
  });
}

/** Coverage lost against the last checkpoint. */
export function coverageDrop(finding: FindingOf<'coverage-drop'>, context: Context): Words {
  const { metric, count, before, maxDrop, gaps } = finding;
  const [now, then] = pctPair(count, before.count);
  if (finding.severity === 'note') return dropOfFlicker(finding, context);
  const deficit = shortOfDrop(count, before.count, maxDrop);
  const points = maxDrop === 0 ? 'none may be lost' : `at most ${limitPct(maxDrop).replace(' %', '')} points may be lost`;
  return words({
    headline: `Coverage fell from ${then} to ${now} of ${metric}; ${points}.`,
    distance: [`${ran(count, metric)}; cover ${deficit} more to pass. It was ${then} at ${clean(before.commit.slice(0, 7))}.`],
    evidence: gapTable(gaps, 'short'),
    advice: [...enough(gaps, deficit, metric), EVERY_FILE],
    limit: limitLine(context, 'coverage.maxDrop'),
    actual: pctOf(count),
    allowed: Math.max(0, pctOf(before.count) - maxDrop),
  });
}

/** What only lines that do not always run may have lost. */
function dropOfFlicker({ metric, count, before, maxDrop, flickering }: FindingOf<'coverage-drop'>, context: Context): Words {
  const [now, then] = pctPair(count, before.count);
  return words({
    headline: `Coverage fell from ${then} to ${now} of ${metric}, maybe only by ${metric} that do not run each time.`,
    distance: [
      `${plural(flickering, 'line')} that did not run now ran in other runs of the same code. It was ${then} at ${clean(before.commit.slice(0, 7))}.`,
    ],
    advice: ['pushgate audit --coverage --repeat 5   lists the lines that ran in some runs only'],
    limit: limitLine(context, 'coverage.maxDrop'),
    actual: pctOf(count),
    allowed: Math.max(0, pctOf(before.count) - maxDrop),
  });
}

/** Changed lines that no test runs. */
export function coverageChanged(finding: FindingOf<'coverage-changed'>, context: Context): Words {
  const { metric, count, limitPct: limit, base, gaps } = finding;
  const deficit = shortOf(count, limit);
  return words({
    headline: `Coverage of the changed ${metric} is ${pct(count, limit)}; the limit is ${limitPct(limit)}.`,
    distance: [`${ran(count, metric)} of those changed since ${clean(base, 60)}; cover ${deficit} more to pass.`],
    evidence: placesOf(gaps),
    advice: enough(gaps, deficit, metric),
    limit: limitLine(context, 'coverage.changed'),
    actual: pctOf(count),
    allowed: limit,
  });
}

/** `468 of 793 lines ran`. */
function ran(count: Count, metric: Metric): string {
  return `${count.covered} of ${amount(count.total, metric)} ${COVERED_VERB[metric]}`;
}

/** `src/api/server.ts:206-217   12 lines`: every stretch with the place that an editor opens. */
function placesOf(gaps: readonly FileGap[]): string[] {
  const stretches = gaps.flatMap(({ file, uncovered }) => uncovered.map((range) => ({ file, range })));
  const { rows, more } = firstRows(stretches);
  const lines = table(
    [{ header: 'changed and never ran' }, { header: 'lines', align: 'right' }],
    rows.map(({ file, range }) => [`${fit(clean(file), 60, 'end')}:${lineRanges([range])}`, String(range[1] - range[0] + 1)]),
  );
  return rows.length === 0 ? [] : [...lines, ...more];
}

function gapTable(gaps: readonly FileGap[], shortHeader: string): string[] {
  if (gaps.length === 0) return [];
  const { rows, more } = firstRows(gaps);
  const lines = table(
    [{ header: 'file' }, { header: 'covered', align: 'right' }, { header: shortHeader, align: 'right' }, { header: 'uncovered lines' }],
    rows.map((gap) => [fit(clean(gap.file), 60, 'end'), pct(gap.count), String(gap.short), lineRanges(gap.uncovered)]),
  );
  return [...lines, ...more];
}

/** The file that could make up the whole deficit, or the first few that do together. */
function enough(gaps: readonly FileGap[], deficit: number, metric: Metric): string[] {
  const alone = enoughAlone(gaps, deficit);
  if (alone) {
    const count = uncoveredOf(alone);
    const missed = count === 1 ? MISSED_VERB[metric].replace('were', 'was') : MISSED_VERB[metric];
    return [`${clean(alone.file)} alone is enough: ${count} of its ${metric} ${missed}.`];
  }
  let sum = 0;
  for (const [index, gap] of gaps.slice(0, MOST_ROWS).entries()) {
    sum += uncoveredOf(gap);
    if (sum < deficit) continue;
    return index === 0 ? [] : [`The first ${index + 1} files together are enough: ${sum} of their ${metric} ${MISSED_VERB[metric]}.`];
  }
  return [];
}

/** In integers, since a drop is judged so: the least count that keeps the share within `maxDrop` points of the one before. */
function shortOfDrop(count: Count, before: Count, maxDrop: number): number {
  const total = BigInt(count.total);
  const scale = 10_000n * BigInt(before.total);
  const needed = total * (BigInt(before.covered) * 10_000n - BigInt(Math.round(maxDrop * 100)) * BigInt(before.total));
  if (scale === 0n) return 0;
  return Math.max(0, Number((needed + scale - 1n) / scale) - count.covered);
}

function longestOf(gap: FileGap): { from: number; lines: number } | null {
  let best: { from: number; lines: number } | null = null;
  for (const [from, to] of gap.uncovered) {
    if (best === null || to - from + 1 > best.lines) best = { from, lines: to - from + 1 };
  }
  return best;
}

function fileLimit(glob: string | null, context: Context, several = false): string {
  if (glob !== null) return `Limit: "${clean(glob)}" of ${clean(context.whereIs('coverage.overrides'))}.`;
  return limitLine(context, several ? 'coverage.overrides' : 'coverage.perFile');
}
