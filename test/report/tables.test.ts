import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fit, labelled, pad, table, widthOf } from '../../src/report/tables.ts';

test('width counts columns, not characters', () => {
  assert.equal(widthOf('abc'), 3);
  assert.equal(widthOf('日本'), 4);
  assert.equal(widthOf('ｶﾅ'), 2);
  assert.equal(widthOf('한글'), 4);
  assert.equal(widthOf('e\u0301'), 1);
  assert.equal(widthOf('👩‍👩‍👧'), 2);
  assert.equal(widthOf('✅'), 2);
  assert.equal(widthOf('✖'), 1);
});

test('a table aligns by visible width and leaves no trailing space', () => {
  assert.deepEqual(
    table(
      [{ header: 'file' }, { header: 'n', align: 'right' }, { header: '' }],
      [
        ['日本.ts', '7', ''],
        ['a.ts', '123', 'x'],
      ],
    ),
    ['file        n', '日本.ts     7', 'a.ts      123   x'],
  );
  assert.deepEqual(
    labelled([
      ['a', 'x'],
      ['long', 'y'],
    ]),
    ['a     x', 'long  y'],
  );
});

test('fit cuts to columns and keeps the end of a path', () => {
  assert.equal(fit('abcdef', 6), 'abcdef');
  assert.equal(fit('abcdef', 4), 'abc…');
  assert.equal(fit('src/deep/a.ts', 7, 'end'), '…p/a.ts');
  assert.equal(fit('日本語', 5), '日本…');
  assert.equal(fit('日本語', 4), '日…');
  assert.equal(pad('日', 4, 'right'), '  日');
});
