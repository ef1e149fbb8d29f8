import type { Finding, FindingCode, Severity, Verdict } from '../model/finding.ts';
import type { Colours } from './colours.ts';
import { inRun, type Context } from './context.ts';
import { errorWords, lastLine } from './errors.ts';
import { blocksOf } from './messages.ts';
import { unprovenWords } from './messages/unproven.ts';
import { placeOf, type Words } from './messages/words.ts';
import { reasonLines } from './reasons.ts';
import { measuredLine, passLine } from './summary.ts';
import { clean } from './units.ts';

/** How to show it: the colour functions, and how much. `quiet`: nothing on a pass, else only headlines; `verbose`: notes in full. */
export type Screen = { readonly colours: Colours; readonly detail: 'quiet' | 'normal' | 'verbose' };

/** A verdict as the lines of a terminal, ending in a line break; empty for a pass that is quiet. */
export function renderVerdict(verdict: Verdict, outer: Context, screen: Screen): string {
  const context = inRun(outer, verdict.run);
  const stopped = verdict.exitCode !== 0;
  if (screen.detail === 'quiet')
    return stopped ? sink([...headlines(verdict, context, screen), end(verdict, context, screen)].join('\n')) : '';
  const of = (severity: Severity): string[] => severityParts(verdict, severity, context, screen);
  const parts = [...preface(context, stopped, screen), ...reuse(verdict, context, screen), ...of('note'), ...of('warning'), ...of('error')];
  if (!stopped) return sink([...parts, `${screen.colours.green('✔')} ${passLine(verdict, context)}`].join('\n\n'));
  const measured = measuredLine(verdict, context);
  const missing = verdict.unproven.map((unproven) => block(unprovenWords(unproven, context), unproven.kind, 'error', screen));
  return sink([...parts, ...(measured ? [measured] : []), ...missing, end(verdict, context, screen)].join('\n\n'));
}

/** What an incremental run left out is said above its verdict, as one part. */
function reuse({ run }: Verdict, { why }: Context, { colours }: Screen): string[] {
  const [first, ...more] = reasonLines(run, why);
  return first === undefined ? [] : [[`${colours.cyan('ℹ')} ${first}`, ...more].join('\n')];
}

/** More problems at once than anybody reads. */
const MOST_PROBLEMS = 20;

/** Anything thrown, as the lines of a terminal: what is wrong, what to do, and which kind of end it is. */
export function renderError(error: unknown, again: string, screen: Screen): string {
  const { message, trace, advice, exitCode } = errorWords(error);
  const { red, bold, cyan } = screen.colours;
  const [headline = '', ...rest] = message.split('\n');
  const left = rest.length - MOST_PROBLEMS;
  const problems = left > 0 ? [...rest.slice(0, MOST_PROBLEMS), `… and ${left} more`] : rest;
  const lines = [`${red('✖')} ${bold(headline)}`, ...problems.map((line) => `  ${line}`), ...trace.map((line) => `    ${line}`)];
  const arrows = advice.map((line) => `  ${cyan('→')} ${line}`);
  return sink([...lines, ...(arrows.length > 0 ? ['', ...arrows] : []), '', lastLine(exitCode, again)].join('\n'));
}

const MARK: Readonly<Record<Severity, string>> = { error: '✖', warning: '⚠', note: 'ℹ' };

function mark(severity: Severity, { colours }: Screen): string {
  const colour = { error: colours.red, warning: colours.yellow, note: colours.cyan }[severity];
  return colour(MARK[severity]);
}

function headlineOf(words: Words, code: string, severity: Severity, screen: Screen): string {
  return `${mark(severity, screen)} ${screen.colours.bold(words.headline)}  ${screen.colours.dim(`[${code}]`)}`;
}

/** A headline without its block: it names the place, unless it does already. */
function headlineAlone(words: Words, code: string, severity: Severity, screen: Screen): string {
  if (words.file === null || words.headline.includes(clean(words.file))) return headlineOf(words, code, severity, screen);
  const place = placeOf({ file: words.file, line: words.line ?? 0 });
  return headlineOf({ ...words, headline: `${words.headline}  ${place}` }, code, severity, screen);
}

/** Headline, distance, evidence, advice, limit: the order of every message. */
function block(words: Words, code: string, severity: Severity, screen: Screen): string {
  const { cyan, dim } = screen.colours;
  const lines = [headlineOf(words, code, severity, screen), ...words.distance.map((line) => `  ${line}`)];
  if (words.evidence.length > 0) lines.push('', ...words.evidence.map((line) => `    ${line}`.trimEnd()));
  const last = words.advice.map((line) => `  ${cyan('→')} ${line}`);
  if (words.limit !== null) last.push(dim(`  ${words.limit}`));
  if (last.length > 0) lines.push('', ...last);
  return lines.join('\n');
}

/** The findings of one severity, by code, in the order of the gates. */
function byCode(verdict: Verdict, severity: Severity): Finding[][] {
  const groups = new Map<FindingCode, Finding[]>();
  for (const finding of verdict.findings) {
    if (finding.severity !== severity) continue;
    const group = groups.get(finding.code);
    if (group) group.push(finding);
    else groups.set(finding.code, [finding]);
  }
  return [...groups.values()];
}

function severityParts(verdict: Verdict, severity: Severity, context: Context, screen: Screen): string[] {
  // A note is one line, unless it says that a figure is not what it seems.
  const inFull = (code: FindingCode): boolean => severity !== 'note' || code === 'coverage-partial' || screen.detail === 'verbose';
  return byCode(verdict, severity).flatMap((findings) => {
    const { blocks, more } = blocksOf(findings, context);
    const shown = blocks.map(({ code, words }) =>
      inFull(code) ? block(words, code, severity, screen) : headlineAlone(words, code, severity, screen),
    );
    return more > 0 ? [...shown, `${mark(severity, screen)} … and ${more} more  [${findings[0]?.code}]`] : shown;
  });
}

function headlines(verdict: Verdict, context: Context, screen: Screen): string[] {
  const errors = byCode(verdict, 'error').flatMap((findings) => {
    const { blocks, more } = blocksOf(findings, context);
    const shown = blocks.map(({ code, words }) => headlineAlone(words, code, 'error', screen));
    return more > 0 ? [...shown, `${mark('error', screen)} … and ${more} more  [${findings[0]?.code}]`] : shown;
  });
  return [
    ...errors,
    ...verdict.unproven.map((unproven) => headlineAlone(unprovenWords(unproven, context), unproven.kind, 'error', screen)),
  ];
}

function preface(context: Context, stopped: boolean, screen: Screen): string[] {
  const said = [...context.preface, ...(stopped ? context.prefaceOfFailure : [])];
  const lines = said.map((line) => `${mark('note', screen)} ${clean(line, 500)}`);
  return lines.length > 0 ? [lines.join('\n')] : [];
}

function end(verdict: Verdict, context: Context, { colours }: Screen): string {
  return colours.bold(lastLine(verdict.exitCode, context.again));
}

/**
 * The last thing done to what goes to a terminal or a log: no line may begin with `::`, which CI services read as a command. Names are
 * cleaned where they are worded; this holds for what their pieces may form together.
 */
export function sink(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return `${text.replace(/^((?:[^\S\n]|\x1b\[[\d;]*m)*):(?=:)/gm, '$1\\x3a')}\n`;
}
