import { pctOf, type Count, type LineRange, type Metric } from '../model/coverage.ts';

// Control and format characters (bidi controls, tags, BOM …), lone surrogates and line separators. The joiners stay: scripts and emoji need them.
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const NAMED: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

/**
 * Makes untrusted text (names, paths, reasons, failures) safe to print on one line: every character that moves a cursor, reorders text,
 * hides or is half of a pair is shown as its escape, the CI command markers `##[` and `##vso[` are broken, and what is longer than
 * `max` characters is cut.
 */
export function clean(text: string, max = 300): string {
  const shown = text
    .slice(0, max * 2)
    .replace(UNSAFE, (character) => NAMED.get(character) ?? escapeOf(character))
    .replace(/##(?=\[|vso\[)/gi, '#\\x23');
  return shown.length > max || text.length > max * 2 ? `${cutAt(shown, max - 1)}…` : shown;
}

/** The start of a text, without half a surrogate pair at its end. */
function cutAt(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}

/** The first lines of a longer untrusted text (a failure, the end of some output), each cleaned; tabs become spaces, empty lines go. */
export function cleanLines(text: string, from: 'start' | 'end', count = 5): string[] {
  const cap = 20_000;
  const part = from === 'start' ? text.slice(0, cap) : text.slice(-cap);
  const lines = part
    .split(/\r\n|\r|\n/)
    .map((line) => clean(stripColours(line).replaceAll('\t', '  ').trimEnd(), 160))
    .filter((line) => line !== '');
  return from === 'start' ? lines.slice(0, count) : lines.slice(-count);
}

/** Colours of a failure text are dropped rather than shown as escapes; any other sequence stays visible. */
function stripColours(line: string): string {
  // oxlint-disable-next-line no-control-regex
  return line.replace(/\x1b\[[\d;]*m/g, '');
}

/** `1 test`, `2 tests`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A duration in ms as people read it: `12.8 s`, below 100 ms `40 ms`. Not a number is `an unknown time`. */
export function seconds(ms: number, digits = 1): string {
  if (!Number.isFinite(ms)) return 'an unknown time';
  return Math.abs(ms) < 100 && ms !== 0 ? `${trim(ms.toFixed(digits - 1))} ms` : `${(ms / 1000).toFixed(digits)} s`;
}

/** A limit as it was set, in seconds and without needless zeros: `120 s`, `0.05 s`. */
export function wholeSeconds(ms: number): string {
  return `${trim((ms / 1000).toFixed(3))} s`;
}

/** A measured time and its limit, with as many digits as make them differ when they differ. */
export function timeAndLimit(ms: number, limitMs: number): readonly [time: string, limit: string] {
  for (let digits = 1; digits < 6; digits += 1) {
    const pair = [seconds(ms, digits), seconds(limitMs, digits)] as const;
    if (pair[0] !== pair[1]) return pair;
  }
  return [seconds(ms), seconds(limitMs)];
}

/** A measured time beside a limit that is shown as it was set: `131.0 s` and `120 s`. */
export function timeBeside(ms: number, limitMs: number): string {
  for (let digits = 1; digits < 6; digits += 1) {
    const rounded = Number((ms / 1000).toFixed(digits));
    if (rounded !== limitMs / 1000) return seconds(ms, digits);
  }
  return seconds(ms);
}

/** A time still to be saved or left, in tenths of a second, rounded up so that saving it is enough. */
export function secondsUp(ms: number): string {
  return `${(Math.ceil(ms / 100 - 1e-6) / 10).toFixed(1)} s`;
}

/** A limit in per cent as it was set: `64 %`, `64.25 %`. */
export function limitPct(limit: number): string {
  return `${trim(limit.toFixed(2))} %`;
}

/** Per cent of a count, floored, with at least one decimal and as many as its limit has, so that the two never seem equal or swapped. */
export function pct(count: Count, beside: number | null = null): string {
  const digits = beside === null ? 1 : Math.max(1, decimalsOf(beside));
  return `${pctOf(count, digits).toFixed(digits)} %`;
}

/** Two shares beside each other (now and before), with as many digits as make them differ; at most four. */
export function pctPair(now: Count, before: Count): readonly [string, string] {
  for (let digits = 1; digits <= 4; digits += 1) {
    const pair = [`${pctOf(now, digits).toFixed(digits)} %`, `${pctOf(before, digits).toFixed(digits)} %`] as const;
    if (pair[0] !== pair[1]) return pair;
  }
  return [pct(now), pct(before)];
}

/** `40-96, 98, 110-128`; after `max` ranges an ellipsis. */
export function lineRanges(ranges: readonly LineRange[], max = 4): string {
  const shown = ranges.slice(0, max).map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
  return [...shown, ...(ranges.length > max ? ['…'] : [])].join(', ');
}

/** `1 line`, `40 branches`: a count of what a metric counts. */
export function amount(count: number, metric: Metric): string {
  return metric === 'branches' ? plural(count, 'branch', 'branches') : plural(count, metric.slice(0, -1));
}

/** What happens to a covered unit of each metric: `ran`, `were taken`, `were called`. */
export const COVERED_VERB: Readonly<Record<Metric, string>> = {
  lines: 'ran',
  statements: 'ran',
  branches: 'were taken',
  functions: 'were called',
};

/** And to one that is not: `never ran`. */
export const MISSED_VERB: Readonly<Record<Metric, string>> = {
  lines: 'never ran',
  statements: 'never ran',
  branches: 'were never taken',
  functions: 'were never called',
};

/** One word of a shell command, quoted when it needs to be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function trim(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}

function decimalsOf(value: number): number {
  return (trim(value.toFixed(2)).split('.')[1] ?? '').length;
}

const AGO: readonly (readonly [ms: number, unit: string])[] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
];

/** `4 minutes ago`, in the largest whole unit; a clock that was set back makes it `just now`. */
export function ago(ms: number): string {
  for (const [unitMs, unit] of AGO) if (ms >= unitMs) return `${plural(Math.floor(ms / unitMs), unit)} ago`;
  return 'just now';
}
