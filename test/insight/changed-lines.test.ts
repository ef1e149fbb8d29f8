import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changedLines } from '../../src/insight/changed-lines.ts';

/** As git writes it. */
const patch = (...lines: string[]): string => `${lines.join('\n')}\n`;
const FILE = (name: string): string[] => [`diff --git a/${name} b/${name}`, 'index 1..2 100644', `--- a/${name}`, `+++ b/${name}`];

function changed(text: string): object {
  return Object.fromEntries(changedLines(text));
}

describe('changed lines', () => {
  test('are those added, by file', () => {
    const text = patch(
      ...FILE('src/a.js'),
      '@@ -3,2 +3,3 @@ fn',
      '-x',
      '-y',
      '+1',
      '+2',
      '+3',
      '@@ -10 +11 @@',
      '-a',
      '+b',
      ...FILE('b.js'),
      '@@ -0,0 +1,2 @@',
      '+a',
      '+b',
    );
    assert.deepEqual(changed(text), {
      'src/a.js': [
        [3, 5],
        [11, 11],
      ],
      'b.js': [[1, 2]],
    });
  });

  test('are not those removed, of files that are gone, or renamed without a change', () => {
    const gone = [
      'diff --git a/gone.js b/gone.js',
      'deleted file mode 100644',
      '--- a/gone.js',
      '+++ /dev/null',
      '@@ -1,2 +0,0 @@',
      '-a',
      '-b',
    ];
    const renamed = ['diff --git a/o.js b/n.js', 'similarity index 100%', 'rename from o.js', 'rename to n.js'];
    assert.deepEqual(changed(patch(...gone, ...renamed, ...FILE('a.js'), '@@ -2,3 +1,0 @@', '-x', '-y', '-z')), {});
  });

  test('are counted through context, which is of both sides', () => {
    const text = patch(...FILE('a.js'), '@@ -1,3 +1,3 @@', '-x', '+y', ' same', '', ...FILE('b.js'), '@@ -1 +1 @@', '-x', '+y');
    assert.deepEqual(changed(text), { 'a.js': [[1, 3]], 'b.js': [[1, 1]] });
  });

  test('are counted through lines that look like headers', () => {
    const text = patch(
      ...FILE('a.js'),
      '@@ -1,2 +1,3 @@',
      '--- a/x',
      '-@@ -1 +1 @@',
      '+++ b/evil.js',
      '+@@ -1 +7,3 @@',
      '+diff --git a/x b/x',
      '@@ -9 +10 @@',
      '-q',
      '\\ No newline at end of file',
      '+r',
      '\\ No newline at end of file',
    );
    assert.deepEqual(changed(text), {
      'a.js': [
        [1, 3],
        [10, 10],
      ],
    });
  });

  test('are found under every name git writes', () => {
    const of = (written: string): string[] => [...changedLines(patch('diff --git x y', `+++ ${written}`, '@@ -0,0 +1 @@', '+a')).keys()];
    assert.deepEqual(of('b/with space.js\t'), ['with space.js']);
    assert.deepEqual(of('"b/t\\303\\244st \\"q\\" \\\\ \\t\\n.js"'), ['täst "q" \\ \t\n.js']);
    assert.deepEqual(of('b/ü.js'), ['ü.js']);
    assert.deepEqual(of('"b/\\377.js"'), ['\ufffd.js']);
    assert.deepEqual(of('b/__proto__'), ['__proto__']);
  });

  test('of a binary file, or of nothing, are none', () => {
    assert.deepEqual(changed(patch('diff --git a/x.png b/x.png', 'Binary files a/x.png and b/x.png differ')), {});
    assert.deepEqual(changed(''), {});
  });
});
