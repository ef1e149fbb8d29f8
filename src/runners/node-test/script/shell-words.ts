/** One word of a command. `text` is what it means without asking a shell; null when only a shell can tell (variables, `$(…)`, globs). */
export type Word = { readonly raw: string; readonly text: string | null };

/** `FOO=bar` in front of a command. */
export type Assignment = { readonly name: string; readonly value: Word };

const GLOB = /[*?[]|\{[^}]*,/;

/** Thrown for syntax that is not followed; `parseShell` turns it into null. */
export const NOT_FOLLOWED = new Error('shell syntax that is not followed');

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

/** Where the word that starts at `from` ends. Throws `NOT_FOLLOWED` on quotes that stay open. */
export function endOfWord(script: string, from: number): number {
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
