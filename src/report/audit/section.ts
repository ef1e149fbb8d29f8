import { fit, table, type Column } from '../tables.ts';

/** A column of an audit: text that may be long is cut to `max` columns of a terminal, and whole on a page. */
export type AuditColumn = Column & { readonly max?: number; readonly keep?: 'start' | 'end' };

/** One row; `share` (0 to 1) is drawn as a bar where there is room for one. Cells are cleaned already. */
export type AuditRow = { readonly cells: readonly string[]; readonly share?: number };

/** A part of an audit: a table, and sentences below it. Either may be empty. */
export type Section = {
  readonly title: string;
  readonly columns: readonly AuditColumn[];
  readonly rows: readonly AuditRow[];
  readonly notes: readonly string[];
};

/** A section, unless there is nothing in it. */
export function sectionOf(title: string, parts: Partial<Omit<Section, 'title'>>): Section[] {
  const section = { title, columns: [], rows: [], notes: [], ...parts };
  return section.rows.length > 0 || section.notes.length > 0 ? [section] : [];
}

/** A section as the lines of a terminal, its title apart. */
export function linesOf({ columns, rows, notes }: Section): string[] {
  const cut = (text: string, { max, keep }: AuditColumn): string => (max === undefined ? text : fit(text, max, keep));
  const cells = rows.map((row) => columns.map((column, index) => cut(row.cells[index] ?? '', column)));
  return [...(rows.length > 0 ? table(columns, cells) : []), ...notes].map((line) => `  ${line}`.trimEnd());
}
