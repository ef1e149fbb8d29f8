import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseShell, type Part, type Unit } from '../../../src/runners/node-test/script/shell.ts';
import { quoted, wordOf } from '../../../src/runners/node-test/script/shell-words.ts';

const showPart = ({ joined, part }: Part): string =>
  `${joined}${part.kind === 'group' ? `(${part.units.map(show).join(' ; ')})` : part.words.map((word) => word.text ?? `?${word.raw}`).join(',')}`;
const show = (unit: Unit): string => unit.parts.map(showPart).join(' ') + (unit.background ? ' &' : '');
const shown = (script: string): string[] | null => parseShell(script)?.map(show) ?? null;

test('splits a chain, and keeps pipes and alternatives together', () => {
  assert.deepEqual(shown('a x && b; c | d || e & f\ng'), ['a,x', 'b', 'c |d ||e &', 'f', 'g']);
});

test('leaves redirections out of the words', () => {
  assert.deepEqual(shown('node --test >out.txt 2>&1 x < in'), ['node,--test,x']);
  assert.deepEqual(shown('node 2 >x'), ['node,2']);
});

test('reads quotes and escapes as a shell does', () => {
  assert.deepEqual(shown(`a 'b c' "d \\"e\\" 'f'" g\\ h i'j'"k"`), [`a,b c,d "e" 'f',g h,ijk`]);
  assert.deepEqual(shown(`a '&&' "||" '$x' "\\$y"`), ['a,&&,||,$x,$y']);
});

test('leaves to the shell what only it can expand', () => {
  assert.deepEqual(shown('a $X "$Y" $(find . -name "*.js" | sort) `b c` src/*.js ~/x {a,b} ${Z:-"}"}'), [
    'a,?$X,?"$Y",?$(find . -name "*.js" | sort),?`b c`,?src/*.js,?~/x,?{a,b},?${Z:-"}"}',
  ]);
});

test('sets assignments apart from arguments that look like them', () => {
  const part = parseShell('A=1 B="x y" cross-env C=2 run')?.[0]?.parts[0]?.part;
  assert.ok(part?.kind === 'command');
  assert.deepEqual(part.assignments.map(({ name, value }) => [name, value.text]), [['A', '1'], ['B', 'x y']]); // prettier-ignore
  assert.deepEqual(
    part.words.map((word) => word.text),
    ['cross-env', 'C=2', 'run'],
  );
});

test('reads groups, comments and continued lines', () => {
  assert.deepEqual(shown('(cd x && node --test) && b # c && d'), ['(cd,x ; node,--test)', 'b']);
  assert.deepEqual(shown('a \\\n  b'), ['a,b']);
  assert.deepEqual(shown('a b#c'), ['a,b#c']);
});

test('does not follow what would need a real shell', () => {
  for (const script of [
    'if a; then b; fi',
    'for f in x; do y; done',
    'cat <<EOF',
    "a 'b",
    'a "b',
    'a $(b',
    '! a',
    '(a',
    'a)',
    '&& a',
    'f() { a; }',
  ]) {
    assert.equal(parseShell(script), null, script);
  }
});

test('quotes a literal so that a shell reads it back', () => {
  for (const text of ['plain-1.js', 'a b', "it's", '$x `y` "z"', '', '*', '\\']) assert.equal(wordOf(quoted(text).raw).text, text);
});
