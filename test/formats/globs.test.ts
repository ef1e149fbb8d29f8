import assert from 'node:assert/strict';
import { test } from 'node:test';
import { globsNaming, matcher, regexOf } from '../../src/formats/globs.ts';

const PATHS = ['package.json', 'src/a.js', 'test/.x.test.js', 'test/a.test.js', 'test/b.test.js'];

test('a list of globs names what any of them matches, less what those after a ! do', () => {
  const of = (...globs: string[]): string[] => PATHS.filter(matcher(globs));
  assert.deepEqual(of('test/*.test.js'), ['test/.x.test.js', 'test/a.test.js', 'test/b.test.js']);
  assert.deepEqual(of('test/*.test.js', '!test/a*', '!test/.*'), ['test/b.test.js']);
  assert.deepEqual(of('!test/a*', 'src/**', 'test/**'), ['src/a.js', 'test/.x.test.js', 'test/b.test.js'], 'in any order');
  assert.deepEqual(of('test/!(a|.x).test.js'), ['test/b.test.js'], 'a pattern, not a negation');
  assert.deepEqual(of('!(package.json)'), [], 'of names without a folder');
  assert.deepEqual(of(), []);
  assert.deepEqual(of('!src/a.js'), [], 'nothing is named');
});

test('globs that name some files are as wide as may be', () => {
  const own = [
    'index.js',
    'packages/a/dev/index.js',
    'packages/a/dev/lib/a.js',
    'packages/b/dev/index.js',
    'packages/c/lib/own.js',
    'packages/c/x.js',
  ];
  const made = [
    'packages/a/index.js',
    'packages/a/lib/a.js',
    'packages/a/lib/deep/b.js',
    'packages/b/index.js',
    'dist/a.js',
    'made[1].js',
    'packages/c/z.js',
  ];
  const globs = globsNaming(made, own);
  assert.deepEqual(globs, ['packages/*/index.js', 'packages/a/lib/**', 'dist/**', 'made?1?.js', 'packages/*/z.js']);
  assert.deepEqual([...own, ...made].filter(matcher(globs)).toSorted(), made.toSorted());
  assert.deepEqual(globsNaming(['packages/a/lib/a.js', 'packages/b/lib/b.js'], own.slice(0, 4)), ['packages/*/lib/**']);
});

test('one glob as a pattern matches the same', () => {
  assert.deepEqual(
    PATHS.filter((path) => new RegExp(regexOf('test/{a,b}.*')).test(path)),
    ['test/a.test.js', 'test/b.test.js'],
  );
});
