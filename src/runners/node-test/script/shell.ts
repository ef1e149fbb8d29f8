/** One word of a command. `text` is what it means without asking a shell; null when only a shell can tell (variables, `$(…)`, globs). */
export type Word = { readonly raw: string; readonly text: string | null };

/** `FOO=bar` in front of a command. */
export type Assignment = { readonly name: string; readonly value: Word };

export type SimpleCommand = {
  readonly kind: 'command';
  readonly raw: string;
  readonly assignments: readonly Assignment[];
  /** Redirections are not among the words. */
  readonly words: readonly Word[];
};

export type Group = { readonly kind: 'group'; readonly raw: string; readonly units: readonly Unit[] };

/** What stands between `&&`, `;` and line ends: one command, or several joined by `||` or `|`. */
export type Unit = { readonly raw: string; readonly parts: readonly (SimpleCommand | Group)[]; readonly background: boolean };

const KEYWORDS = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'for',
  'while',
  'until',
  'do',
  'done',
  'case',
  'esac',
  'function',
  '{',
  '}',
  '[[',
  '!',
]);
const GLOB = /[*?[]|\{[^}]*,/;

type Token = { readonly kind: 'word' | 'operator'; readonly text: string; readonly from: number; readonly to: number };

/** Reads an sh command line; null when it uses syntax that is not followed here (`if`, loops, here-documents, functions, open quotes). */
export function parseShell(script: string): readonly Unit[] | null {
  try {
    const reader = { script, tokens: tokenize(script), at: 0 };
    const units = readUnits(reader);
    return reader.at === reader.tokens.length ? units : null;
  } catch (error) {
    if (error === NOT_FOLLOWED) return null;
    throw error;
  }
}

/** Thrown inside this file only, for syntax that is not followed. */
const NOT_FOLLOWED = new Error('shell syntax that is not followed');

type Reader = { readonly script: string; readonly tokens: readonly Token[]; at: number };

const peek = (reader: Reader): string | null => {
  const token = reader.tokens[reader.at];
  return token?.kind === 'operator' ? token.text : null;
};

function readUnits(reader: Reader): Unit[] {
  const units: Unit[] = [];
  while (reader.at < reader.tokens.length && peek(reader) !== ')') {
    if (['\n', ';'].includes(peek(reader) ?? '')) {
      reader.at += 1;
      continue;
    }
    const parts = readParts(reader);
    const end = peek(reader);
    if (end === '&&' || end === '&' || end === ';' || end === '\n') reader.at += 1;
    else if (end !== null && end !== ')') throw NOT_FOLLOWED;
    units.push({ raw: textOf(reader, parts.from, parts.to), parts: parts.parts, background: end === '&' });
  }
  return units;
}

const textOf = (reader: Reader, from: number, to: number): string => reader.script.slice(from, to);

function readParts(reader: Reader): { parts: (SimpleCommand | Group)[]; from: number; to: number } {
  const from = reader.tokens[reader.at]?.from ?? 0;
  const parts = [readPart(reader)];
  while (['||', '|', '|&'].includes(peek(reader) ?? '')) {
    reader.at += 1;
    while (peek(reader) === '\n') reader.at += 1;
    parts.push(readPart(reader));
  }
  return { parts, from, to: reader.tokens[reader.at - 1]?.to ?? from };
}

function readPart(reader: Reader): SimpleCommand | Group {
  if (peek(reader) !== '(') return readCommand(reader);
  const from = reader.tokens[reader.at]?.from ?? 0;
  reader.at += 1;
  const units = readUnits(reader);
  const close = reader.tokens[reader.at];
  if (close?.text !== ')' || close.kind !== 'operator') throw NOT_FOLLOWED;
  reader.at += 1;
  while (isRedirection(reader)) skipRedirection(reader);
  return { kind: 'group', raw: textOf(reader, from, reader.tokens[reader.at - 1]?.to ?? close.to), units };
}

function readCommand(reader: Reader): SimpleCommand {
  const from = reader.tokens[reader.at]?.from ?? 0;
  const assignments: Assignment[] = [];
  const words: Word[] = [];
  for (;;) {
    if (isRedirection(reader)) skipRedirection(reader);
    else if (reader.tokens[reader.at]?.kind === 'word') {
      const raw = reader.tokens[reader.at]?.text ?? '';
      const assignment = words.length === 0 ? asAssignment(raw) : null;
      if (assignment !== null) assignments.push(assignment);
      else words.push(wordOf(raw));
      reader.at += 1;
    } else break;
  }
  if (words.length + assignments.length === 0 || KEYWORDS.has(words[0]?.raw ?? '')) throw NOT_FOLLOWED;
  return { kind: 'command', raw: textOf(reader, from, reader.tokens[reader.at - 1]?.to ?? from), assignments, words };
}

const isRedirection = (reader: Reader): boolean => /^\d*(?:>|<|&>)/.test(peek(reader) ?? '');

function skipRedirection(reader: Reader): void {
  const operator = peek(reader) ?? '';
  if (operator.includes('<<')) throw NOT_FOLLOWED;
  reader.at += 1;
  if (reader.tokens[reader.at]?.kind !== 'word') throw NOT_FOLLOWED;
  reader.at += 1;
}

/** `NAME=value` as an assignment; null for any other word. */
export function asAssignment(raw: string): Assignment | null {
  const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(raw);
  return match ? { name: match[1] ?? '', value: wordOf(match[2] ?? '') } : null;
}

/** A word as a shell reads it: quotes removed, null where it would expand something. */
export function wordOf(raw: string): Word {
  let text = '';
  for (let at = 0; at < raw.length; at += 1) {
    const char = raw[at] ?? '';
    if (char === '$' || char === '`' || (char === '~' && at === 0)) return { raw, text: null };
    if (GLOB.test(char) || (char === '{' && GLOB.test(raw.slice(at)))) return { raw, text: null };
    if (char === '\\') text += raw[(at += 1)] ?? '';
    else if (char === "'") {
      const end = raw.indexOf("'", at + 1);
      text += raw.slice(at + 1, end);
      at = end;
    } else if (char === '"') {
      const end = endOfQuotes(raw, at);
      const inside = raw.slice(at + 1, end - 1);
      if (/(?<!\\)(?:\\\\)*[$`]/.test(inside)) return { raw, text: null };
      text += inside.replace(/\\([$`"\\\n])/g, '$1');
      at = end - 1;
    } else text += char;
  }
  return { raw, text };
}

/** A literal as a word, quoted where a shell needs it. */
export function quoted(text: string): Word {
  return { raw: /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`, text };
}

const OPERATOR = /&&|\|\||\|&|&>>?|\d*(?:>>|>&|>\||<<<?|<&|<>|>|<)|[;&|()\n]/y;

function tokenize(script: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < script.length) {
    const blank = /(?:[ \t\r]|\\\n|#[^\n]*)+/y;
    blank.lastIndex = at;
    if (blank.test(script)) at = blank.lastIndex;
    if (at >= script.length) break;
    OPERATOR.lastIndex = at;
    const operator = OPERATOR.exec(script);
    const to = operator ? OPERATOR.lastIndex : endOfWord(script, at);
    tokens.push({ kind: operator ? 'operator' : 'word', text: script.slice(at, to), from: at, to });
    at = to;
  }
  return tokens;
}

function endOfWord(script: string, from: number): number {
  let at = from;
  while (at < script.length && !/[\s;&|()<>]/.test(script[at] ?? '')) at = endOfPiece(script, at);
  return at;
}

/** The end of the escape, quote, substitution or plain character that starts at `at`. */
function endOfPiece(script: string, at: number): number {
  const char = script[at];
  if (char === '\\') return at + 2;
  if (char === "'") return closing(script, "'", at + 1);
  if (char === '`') return closing(script, '`', at + 1);
  if (char === '"') return endOfQuotes(script, at);
  if (char === '$' && script[at + 1] === '(') return endOfNesting(script, at + 1, '(', ')');
  if (char === '$' && script[at + 1] === '{') return endOfNesting(script, at + 1, '{', '}');
  return at + 1;
}

function closing(script: string, char: string, from: number): number {
  const end = script.indexOf(char, from);
  if (end < 0) throw NOT_FOLLOWED;
  return end + 1;
}

function endOfQuotes(script: string, from: number): number {
  for (let at = from + 1; at < script.length;) {
    if (script[at] === '"') return at + 1;
    at = script[at] === "'" ? at + 1 : endOfPiece(script, at);
  }
  throw NOT_FOLLOWED;
}

function endOfNesting(script: string, from: number, open: string, close: string): number {
  let depth = 0;
  for (let at = from; at < script.length;) {
    if (script[at] === open) depth += 1;
    else if (script[at] === close) depth -= 1;
    if (depth === 0) return at + 1;
    at = endOfPiece(script, at);
  }
  throw NOT_FOLLOWED;
}
