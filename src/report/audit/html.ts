import { EXIT } from '../../model/error.ts';
import type { Context } from '../context.ts';
import { wordsOf } from '../messages.ts';
import type { Audited } from './audited.ts';
import type { AuditColumn, AuditRow, Section } from './section.ts';
import { sectionsOf } from './sections.ts';

/** Nothing is loaded, from anywhere, and nothing runs: whatever a test is called, it stays text. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2329; --paper: #fff; --soft: #5c6670; --line: #e3e7eb; --bar: #9dbcdf; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ec; --paper: #14181c; --soft: #98a3ad; --line: #2b3238; --bar: #35577d; }
}
body { margin: 2rem auto; padding: 0 1rem; max-width: 72rem; color: var(--ink); background: var(--paper);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.25rem; } h2 { font-size: 1rem; margin: 2rem 0 .5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .2rem 1rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: normal; }
.right { text-align: right; white-space: nowrap; }
.share { width: 20%; min-width: 5rem; padding-right: 0; }
.bar { height: .8rem; margin-top: .35rem; background: var(--bar); border-radius: 2px; }
p { margin: .4rem 0; color: var(--soft); }
`;

/** An audit as one HTML page that needs nothing else: for a screen, light or dark, or paper. */
export function renderAuditHtml(audited: Audited, context: Context): string {
  const [first, ...sections] = sectionsOf(audited, context);
  const title = first?.title ?? 'An audit';
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeHtml(POLICY)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<h1>${escapeHtml(title)}</h1>`,
    ...(first === undefined ? [] : bodyOf(first)),
    ...findingLines(audited, context),
    ...sections.flatMap((section) => [`<h2>${escapeHtml(section.title)}</h2>`, ...bodyOf(section)]),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** Text of anyone's as text of a page, in an attribute too. */
function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

/** What stops the audit, or would: failed and flaky tests, each in one line. */
function findingLines({ verdict }: Audited, context: Context): string[] {
  if (verdict.findings.length === 0) return [];
  const lines = verdict.findings.map((finding) => {
    const { headline, distance } = wordsOf(finding, context);
    return `<li>${escapeHtml([headline, ...distance].join(' '))}</li>`;
  });
  return [`<h2>${verdict.exitCode === EXIT.passed ? 'Warnings' : 'Failed'}</h2>`, '<ul>', ...lines, '</ul>'];
}

function bodyOf({ columns, rows, notes }: Section): string[] {
  const bars = rows.some((row) => row.share !== undefined);
  const head = columns.some((column) => column.header !== '')
    ? [`<tr>${columns.map((column) => cell('th', column, column.header)).join('')}${bars ? '<th></th>' : ''}</tr>`]
    : [];
  const table = ['<div class="wide"><table>', ...head, ...rows.map((row) => rowOf(row, columns, bars)), '</table></div>'];
  return [...(rows.length > 0 ? table : []), ...notes.map((note) => `<p>${escapeHtml(note)}</p>`)];
}

function rowOf({ cells, share }: AuditRow, columns: readonly AuditColumn[], bars: boolean): string {
  const bar = share === undefined ? '' : `<div class="bar" style="width: ${widthOf(share)}%"></div>`;
  return `<tr>${columns.map((column, index) => cell('td', column, cells[index] ?? '')).join('')}${bars ? `<td class="share">${bar}</td>` : ''}</tr>`;
}

function cell(tag: 'th' | 'td', { align }: AuditColumn, text: string): string {
  return `<${tag}${align === 'right' ? ' class="right"' : ''}>${escapeHtml(text)}</${tag}>`;
}

/** In per cent; not a number is no bar. */
function widthOf(share: number): string {
  return (Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0)) * 100).toFixed(1);
}
