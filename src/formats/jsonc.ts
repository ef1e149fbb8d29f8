import { findNodeAtLocation, type Node, parseTree, printParseErrorCode } from 'jsonc-parser';

import { usageError } from '../model/error.ts';

/** A node of the syntax tree; offsets count from the start of the text. */
export type JsonNode = Node;
export type JsonPath = readonly (string | number)[];

/** A parsed file. `file` is how messages name it. */
export type JsoncDocument = { readonly file: string; readonly text: string; readonly root: JsonNode };

/** Something wrong at a place in the file: what it is, and the next step. */
export type JsonProblem = { readonly offset: number; readonly text: string; readonly next: string };

/** Line and column, both 1-based, of an offset. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - (before.lastIndexOf('\n') + 1) + 1 };
}

/** Throws what is wrong in a file as one usage error, in the order of the file, each problem as `file:line:column: …`. */
export function failWith(file: string, text: string, problems: readonly JsonProblem[]): never {
  const ordered = problems.toSorted((left, right) => left.offset - right.offset);
  const lines = ordered.map((problem) => {
    const { line, column } = positionAt(text, problem.offset);
    return `${file}:${line}:${column}: ${problem.text}`;
  });
  throw usageError(lines.join('\n'), ...[...new Set(ordered.map((problem) => problem.next))].slice(0, 3));
}

const SYNTAX: Readonly<Record<string, string>> = {
  InvalidSymbol: 'this is not JSON',
  InvalidNumberFormat: 'a number is written wrongly',
  PropertyNameExpected: 'a key in double quotes is expected here',
  ValueExpected: 'a value is expected here',
  ColonExpected: 'a colon is expected here',
  CommaExpected: 'a comma is missing before this',
  CloseBraceExpected: 'a closing } is missing',
  CloseBracketExpected: 'a closing ] is missing',
  EndOfFileExpected: 'the file should end here',
  UnexpectedEndOfComment: 'a comment is not closed',
  UnexpectedEndOfString: 'a string is not closed',
  UnexpectedEndOfNumber: 'a number is not complete',
  InvalidUnicode: 'a \\u escape is written wrongly',
  InvalidEscapeCharacter: 'an escape in this string is not JSON',
  InvalidCharacter: 'a control character stands in this string',
};

/**
 * Parses JSON with comments and trailing commas. Throws a usage error with file, line and column when the text cannot be read; left-over
 * merge markers are named as such.
 */
export function readJsonc(text: string, file: string): JsoncDocument {
  const errors: Parameters<typeof parseTree>[1] = [];
  const root = parseOrNull(text, errors);
  if (root === null || isDeep(root))
    failWith(file, text, [{ offset: 0, text: 'the file is nested too deeply.', next: `Correct ${file}.` }]);
  const first = errors[0];
  // Markers are looked for only where the syntax fails, so that a ruler of "=======" in a comment is none.
  if (first) failWith(file, text, [mergeMarker(text) ?? syntaxProblem(first.offset, printParseErrorCode(first.error), text, file)]);
  if (!root) failWith(file, text, [{ offset: 0, text: 'the file is empty.', next: `Restore ${file}, or delete it.` }]);
  return { file, text, root };
}

/** Null when the parser, which recurses, runs out of stack. */
function parseOrNull(text: string, errors: Parameters<typeof parseTree>[1]): JsonNode | undefined | null {
  try {
    return parseTree(text, errors, { allowTrailingComma: true });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** What recurses over the tree later relies on this. */
function isDeep(root: JsonNode | undefined): boolean {
  let level = root ? [root] : [];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > 200) return true;
    level = level.flatMap((node) => node.children ?? []);
  }
  return false;
}

function mergeMarker(text: string): JsonProblem | null {
  const match = /^(?:<{7}|>{7}|\|{7}|={7})(?=[ \t\r\n]|$)/m.exec(text);
  if (!match) return null;
  return {
    offset: match.index,
    text: `a merge marker (${match[0]}) is left over.`,
    next: 'Resolve the merge, then run the command again.',
  };
}

function syntaxProblem(offset: number, code: string, text: string, file: string): JsonProblem {
  const blank = text.trim() === '';
  const what = blank ? 'the file is empty' : (SYNTAX[code] ?? 'this is not JSON');
  return { offset, text: `${what}.`, next: blank ? `Restore ${file}, or delete it.` : `Correct ${file} there.` };
}

/** The value of a node. Keys are own properties whatever their name, `__proto__` included; the last of several equal keys counts. */
export function valueOf(node: JsonNode): unknown {
  if (node.type === 'array') return (node.children ?? []).map(valueOf);
  if (node.type !== 'object') return node.value;
  return Object.fromEntries(propertiesOf(node).map(({ key, value }) => [key, valueOf(value)]));
}

/** One `"key": value`. */
export type JsonProperty = { readonly key: string; readonly node: JsonNode; readonly value: JsonNode };

/** The properties of an object in the order of the file; none for any other node. */
export function propertiesOf(node: JsonNode): JsonProperty[] {
  if (node.type !== 'object') return [];
  return (node.children ?? []).flatMap((property) => {
    const [key, value] = property.children ?? [];
    return key && value ? [{ key: String(key.value), node: property, value }] : [];
  });
}

/** The node at a path; its property when `asKey`, so that its offset is the key's. Null when there is none. */
export function nodeAt(root: JsonNode, path: JsonPath, asKey = false): JsonNode | null {
  const node = findNodeAtLocation(root, [...path]);
  if (!node) return null;
  return asKey && node.parent?.type === 'property' ? node.parent : node;
}

/** Keys that stand twice in one object, anywhere under the node: the reader of the file and the reader of the text would see other values. */
export function duplicateKeys(text: string, node: JsonNode): JsonProblem[] {
  if (node.type === 'array') return (node.children ?? []).flatMap((child) => duplicateKeys(text, child));
  const seen = new Map<string, JsonNode>();
  return propertiesOf(node).flatMap(({ key, node: property, value }) => {
    const earlier = seen.get(key);
    seen.set(key, property);
    const inside = duplicateKeys(text, value);
    if (!earlier) return inside;
    const line = positionAt(text, earlier.offset).line;
    return [{ offset: property.offset, text: `${quote(key)} stands here and on line ${line}.`, next: 'Remove one of the two.' }, ...inside];
  });
}

/** A JSON string in which nothing is invisible. */
export function quote(text: string): string {
  return visible(JSON.stringify(text));
}

/** Escapes what JSON leaves as it is and nobody sees: C1 controls, line separators, direction marks. */
export function visible(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
