import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lineDiff } from '../../src/report/line-diff.ts';

const ten = Array.from({ length: 10 }, (_, index) => `line ${index + 1}`);

test('equal texts have no difference', () => {
  assert.deepEqual(lineDiff(ten.join('\n'), ten.join('\n')), []);
});

test('a line that went and one that changed, each with its surroundings', () => {
  const after = ten.filter((line) => line !== 'line 2').map((line) => (line === 'line 8' ? 'line eight' : line));
  assert.deepEqual(lineDiff(ten.join('\n'), after.join('\n')), [
    '@@ -1,4 +1,3 @@',
    ' line 1',
    '-line 2',
    ' line 3',
    ' line 4',
    '@@ -6,5 +5,5 @@',
    ' line 6',
    ' line 7',
    '-line 8',
    '+line eight',
    ' line 9',
    ' line 10',
    '\\ No newline at end of file',
  ]);
});

test('changes that are near share one hunk', () => {
  const after = ten.filter((line) => line !== 'line 3' && line !== 'line 6');
  assert.equal(lineDiff(ten.join('\n'), after.join('\n')).filter((line) => line.startsWith('@@')).length, 1);
});

test('lines that were added stand where they are', () => {
  assert.deepEqual(lineDiff('a\nb\n', 'a\nx\nb\ny\n'), ['@@ -1,2 +1,4 @@', ' a', '+x', ' b', '+y']);
  assert.deepEqual(lineDiff('', 'a\n'), ['@@ -0,0 +1,1 @@', '+a']);
});

test('a line end that is missing is a difference', () => {
  const unended = '\\ No newline at end of file';
  assert.deepEqual(lineDiff('a', 'a\nb'), ['@@ -1,1 +1,2 @@', '-a', unended, '+a', '+b', unended]);
});
