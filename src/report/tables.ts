export type Column = { readonly header: string; readonly align?: 'left' | 'right' };

const GAP = '   ';
// Characters that take two columns: East Asian wide and full-width forms, and what is shown as an emoji.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18d8f}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

let segmenter: Intl.Segmenter | undefined;

function graphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), (part) => part.segment);
}

function graphemeWidth(grapheme: string): number {
  if (WIDE.test(grapheme)) return 2;
  return ZERO.test(grapheme) ? 0 : 1;
}

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** How many terminal columns a printable text takes: two for East Asian wide characters and emoji, none for combining marks. */
export function widthOf(text: string): number {
  if (isAscii(text)) return text.length;
  return graphemes(text).reduce((sum, grapheme) => sum + graphemeWidth(grapheme), 0);
}

/** Cuts a text to `max` columns with an ellipsis; of a path the end is kept, since it tells files apart. */
export function fit(text: string, max: number, keep: 'start' | 'end' = 'start'): string {
  if (widthOf(text) <= max) return text;
  const parts = isAscii(text) ? Array.from(text) : graphemes(text);
  if (keep === 'end') parts.reverse();
  const kept: string[] = [];
  let room = max - 1;
  for (const part of parts) {
    room -= graphemeWidth(part);
    if (room < 0) break;
    kept.push(part);
  }
  return keep === 'end' ? `…${kept.toReversed().join('')}` : `${kept.join('')}…`;
}

/** Pads a text to a number of columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + space : space + text;
}

/** Rows under their headers, aligned by visible width; no trailing spaces. Without any header text the header line is left out. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const headers = columns.map((column) => column.header);
  const lines = headers.some((header) => header !== '') ? [headers, ...rows] : [...rows];
  const widths = columns.map((_, index) => lines.reduce((most, line) => Math.max(most, widthOf(line[index] ?? '')), 0));
  return lines.map((line) =>
    columns
      .map((column, index) => pad(line[index] ?? '', widths[index] ?? 0, column.align))
      .join(GAP)
      .trimEnd(),
  );
}

/** Labelled lines: labels in one column, two spaces, the text. */
export function labelled(rows: readonly (readonly [label: string, text: string])[]): string[] {
  const width = rows.reduce((most, [label]) => Math.max(most, widthOf(label)), 0);
  return rows.map(([label, text]) => `${pad(label, width)}  ${text}`.trimEnd());
}
