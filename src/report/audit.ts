import { EXIT } from '../model/error.ts';
import type { Audited } from './audit/audited.ts';
import { linesOf } from './audit/section.ts';
import { sectionsOf } from './audit/sections.ts';
import type { Context } from './context.ts';
import { renderVerdict, sink, type Screen } from './terminal.ts';

export type { Audited } from './audit/audited.ts';

/** An audit as the lines of a terminal; failed and flaky tests follow it in the words of a verdict. */
export function renderAudit(audited: Audited, context: Context, screen: Screen): string {
  const { verdict } = audited;
  const parts = sectionsOf(audited, context).map((section) => [screen.colours.bold(section.title), ...linesOf(section)].join('\n'));
  const isPlain = verdict.exitCode === EXIT.passed && verdict.findings.length === 0;
  const told = isPlain ? '' : `\n${renderVerdict(verdict, { ...context, preface: [] }, screen)}`;
  return `${sink(parts.join('\n\n'))}${told}`;
}
