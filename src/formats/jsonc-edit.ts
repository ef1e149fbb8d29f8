import type { JsonNode } from './jsonc.ts';

/** Replaces `length` characters from `offset`. */
export type TextEdit = { readonly offset: number; readonly length: number; readonly content: string };

/** Applies edits that do not overlap; of several at one offset the first given comes first in the text. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const inOrder = edits.toSorted((left, right) => left.offset - right.offset);
  let result = '';
  let done = 0;
  for (const { offset, length, content } of inOrder) {
    result += text.slice(done, offset) + content;
    done = offset + length;
  }
  return result + text.slice(done);
}

/**
 * Puts an item (without comma) behind a sibling, on a line of its own when the sibling has one. It is followed by a comma when the sibling
 * was, or when `alwaysComma`.
 */
export function insertAfter(text: string, sibling: JsonNode, item: string, alwaysComma: boolean): TextEdit[] {
  const end = sibling.offset + sibling.length;
  const comma = commaAfter(text, end);
  const at = comma ?? end;
  const edits: TextEdit[] = comma === null ? [{ offset: end, length: 0, content: ',' }] : [];
  const rest = restOfLine(text, at);
  const tail = alwaysComma || comma !== null ? ',' : '';
  const ownLine = rest !== null && startsLine(text, sibling.offset);
  if (!ownLine) return [...edits, { offset: at, length: 0, content: ` ${item}${tail}` }];
  return [...edits, { offset: at + rest, length: 0, content: `${lineBreakOf(text)}${indentAt(text, sibling.offset)}${item}${tail}` }];
}

/** Puts an item (without comma) at the head of a list, before its first element and before the comments above that. */
export function insertFirst(text: string, list: JsonNode, item: string): TextEdit[] {
  const at = list.offset + 1;
  const first = list.children?.[0];
  const outer = indentAt(text, list.offset);
  const indent = first && startsLine(text, first.offset) ? indentAt(text, first.offset) : `${outer}  `;
  const rest = restOfLine(text, at);
  const newLine = lineBreakOf(text);
  if (rest !== null) return [{ offset: at + rest, length: 0, content: `${newLine}${indent}${item},` }];
  if (first) return [{ offset: at, length: 0, content: ` ${item},` }];
  const blank = /^[ \t]*(?=\])/.exec(text.slice(at))?.[0].length ?? 0;
  return [{ offset: at, length: blank, content: `${newLine}${indent}${item},${newLine}${outer}` }];
}

/** Takes an item out with its comma; a line that it has for itself goes as a whole, with a comment at its end. */
export function remove(text: string, item: JsonNode): TextEdit {
  const end = item.offset + item.length;
  const after = commaAfter(text, end) ?? end;
  const rest = restOfLine(text, after);
  if (rest === null || !startsLine(text, item.offset)) {
    const spaces = /^[ \t]*/.exec(text.slice(after))?.[0].length ?? 0;
    return { offset: item.offset, length: after + spaces - item.offset, content: '' };
  }
  const start = item.offset - indentAt(text, item.offset).length;
  const lineBreak = /^\r?\n/.exec(text.slice(after + rest))?.[0].length ?? 0;
  return { offset: start, length: after + rest + lineBreak - start, content: '' };
}

/** Writes another value in the place of one. */
export function replace(node: JsonNode, content: string): TextEdit {
  return { offset: node.offset, length: node.length, content };
}

/** Where the text goes on after the comma that follows `offset`, comments between them skipped; null when none follows. */
function commaAfter(text: string, offset: number): number | null {
  const match = /^(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*,/.exec(text.slice(offset));
  return match ? offset + match[0].length : null;
}

/** How far the line goes on from `offset` when only blanks and comments are left of it, its line break not counted; null otherwise. */
function restOfLine(text: string, offset: number): number | null {
  const match = /^(?:[ \t]|\/\*[^\n]*?\*\/)*(?:\/\/[^\r\n]*)?(?=\r?\n|$)/.exec(text.slice(offset));
  return match ? match[0].length : null;
}

function startsLine(text: string, offset: number): boolean {
  return /(?:^|\n)[ \t]*$/.test(text.slice(0, offset));
}

/** The blanks at the head of the line of `offset`. */
function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

function lineBreakOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
