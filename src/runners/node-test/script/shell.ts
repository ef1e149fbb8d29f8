import { asAssignment, endOfWord, NOT_FOLLOWED, wordOf, type Assignment, type Word } from './shell-words.ts';

export type SimpleCommand = {
  readonly kind: 'command';
  readonly raw: string;
  readonly assignments: readonly Assignment[];
  /** Redirections are not among the words. */
  readonly words: readonly Word[];
};

export type Group = { readonly kind: 'group'; readonly raw: string; readonly units: readonly Unit[] };

export type Part = { readonly joined: '' | '||' | '|'; readonly part: SimpleCommand | Group };

/** What stands between `&&`, `;` and line ends: one command, or several joined by `||` or `|`. */
export type Unit = { readonly raw: string; readonly parts: readonly Part[]; readonly background: boolean };

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

function readParts(reader: Reader): { parts: Part[]; from: number; to: number } {
  const from = reader.tokens[reader.at]?.from ?? 0;
  const parts: Part[] = [{ joined: '', part: readPart(reader) }];
  for (let join = peek(reader); join === '||' || join === '|' || join === '|&'; join = peek(reader)) {
    reader.at += 1;
    while (peek(reader) === '\n') reader.at += 1;
    parts.push({ joined: join === '||' ? '||' : '|', part: readPart(reader) });
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
