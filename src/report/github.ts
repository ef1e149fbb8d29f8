import type { Severity, Verdict } from '../model/finding.ts';
import { inRun, type Context } from './context.ts';
import { wordsOf } from './messages.ts';
import { unprovenWords } from './messages/unproven.ts';
import type { Words } from './messages/words.ts';
import { clean } from './units.ts';

// GitHub shows ten annotations of a kind for a step, and drops the others without a word.
const MOST_OF_A_KIND = 10;

/**
 * The verdict as GitHub's workflow commands, one annotation a line; empty when there is nothing to say. `folder` is that of the project in
 * the repository, with a slash at its end: GitHub looks for files from there.
 */
export function renderAnnotations(verdict: Verdict, outer: Context, folder = ''): string {
  const context = inRun(outer, verdict.run);
  const all = [
    ...verdict.unproven.map((unproven) => ({ severity: 'error' as const, title: unproven.kind, words: unprovenWords(unproven, context) })),
    ...verdict.findings.map((finding) => ({ severity: finding.severity, title: finding.code, words: wordsOf(finding, context) })),
  ];
  const shown = (['error', 'warning', 'note'] as const).flatMap((severity) =>
    all.filter((each) => each.severity === severity).slice(0, MOST_OF_A_KIND),
  );
  return shown.map(({ severity, title, words }) => `${annotation({ severity, title, words }, folder)}\n`).join('');
}

const COMMAND: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'notice' };

function annotation({ severity, title, words }: { severity: Severity; title: string; words: Words }, folder: string): string {
  const { file, line } = words;
  const properties = [
    ...(file === null ? [] : [`file=${property(clean(folder + file, 4_096))}`]),
    ...(file === null || line === null ? [] : [`line=${line}`]),
    `title=${property(`pushgate: ${title}`)}`,
  ];
  const text = [words.headline, ...words.distance, ...words.advice.map((advice) => `→ ${advice}`)].join('\n');
  return `::${COMMAND[severity]} ${properties.join(',')}::${message(text)}`;
}

/** Escapes as GitHub's own toolkit does, so that no name can end the command or begin another. */
function message(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return message(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
