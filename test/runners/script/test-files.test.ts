import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { defaultTestFiles, globFiles, namedTestFiles } from '../../../src/runners/node-test/script/test-files.ts';
import { folderWith } from './project.ts';

const NODE_20 = { major: 20, typescript: false };
const NODE_22 = { major: 22, typescript: true };

const TREE = [
  'a.test.js', 'b-test.cjs', 'c_test.mjs', 'test-d.js', 'test.js', 'etest.js', 'f.spec.js', 'g.test.ts', 'test/h.js', 'test/sub/i.cjs', 'test/j.json',
  'test/k.ts', 'src/test/l.js', 'src/testing/m.js', '.dot/n.test.js', 'test/.o.js', 'node_modules/p/p.test.js', 'test/node_modules/q.test.js', 'test-.js',
]; // prettier-ignore
const ON_BOTH = ['a.test.js', 'b-test.cjs', 'c_test.mjs', 'src/test/l.js', 'test-d.js', 'test.js', 'test/h.js', 'test/sub/i.cjs'];

test('knows the default patterns of Node 20 and of later ones', (t) => {
  const root = folderWith(t, TREE);
  assert.deepEqual(defaultTestFiles(root, NODE_20), [...ON_BOTH, '.dot/n.test.js', 'test/.o.js'].toSorted());
  assert.deepEqual(defaultTestFiles(root, { major: 22, typescript: false }), [...ON_BOTH, 'test-.js'].toSorted());
  assert.deepEqual(defaultTestFiles(root, NODE_22), [...ON_BOTH, 'test-.js', 'g.test.ts', 'test/k.ts'].toSorted());
});

test('finds the files that this very Node runs', async (t) => {
  const root = folderWith(t, [
    'a.test.js',
    'etest.js',
    'test/h.js',
    'test/.o.js',
    '.dot/n.test.js',
    'node_modules/p/p.test.js',
    'src/test-d.js',
  ]);
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
  const reporter = `data:text/javascript,${encodeURIComponent('export default async function* (events) { for await (const { type, data } of events) if (type === "test:pass") yield data.file + "\\n"; }')}`;
  const args = ['--test', `--test-reporter=${reporter}`, '--test-reporter-destination=stdout'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
  const ran = new Set(stdout.trim().split('\n').map((file) => file.slice(root.length + 1))); // prettier-ignore
  const major = Number(process.versions.node.split('.')[0]);
  assert.deepEqual(defaultTestFiles(root, { major, typescript: major > 22 }), [...ran].toSorted());
});

test('expands globs that reached node unexpanded', (t) => {
  const root = folderWith(t, [...TREE, 'src/x/y.test.js', 'src/[id].test.js']);
  assert.deepEqual(globFiles(root, 'src/**/*.test.js'), ['src/[id].test.js', 'src/x/y.test.js']);
  assert.deepEqual(globFiles(root, './test/**/*.{js,cjs}'), ['test/h.js', 'test/sub/i.cjs']);
  assert.deepEqual(globFiles(root, '**/*.test.?(c|m)[jt]s'), ['a.test.js', 'g.test.ts', 'src/[id].test.js', 'src/x/y.test.js']);
  assert.deepEqual(globFiles(root, '.dot/*.js'), ['.dot/n.test.js']);
  assert.deepEqual(globFiles(root, 'test/.*.js'), ['test/.o.js']);
  assert.deepEqual(globFiles(join(root, 'src'), '../test/*.js'), ['../test/h.js']);
  assert.deepEqual(globFiles(root, `${root}/test/*.js`), ['test/h.js']);
  assert.deepEqual(globFiles(root, 'none/**/*.js'), []);
});

test('takes names literally when such a file exists, and says which match nothing', (t) => {
  const root = folderWith(t, ['src/[id].test.js', 'src/i.test.js', 'x/late.js']);
  assert.deepEqual(namedTestFiles(root, ['src/[id].test.js', './x/late.js', 'gone.js', 'no/*.js'], NODE_22), {
    files: ['src/[id].test.js', 'x/late.js'],
    missing: ['gone.js', 'no/*.js'],
  });
});

test('reads a folder as Node 20 does, but its index as a module from Node 22 on', (t) => {
  const root = folderWith(t, ['test/a.js', 'test/sub/b.js', 'test/index.js', 'lib/c.js', 'lib/d.test.js']);
  const all = ['test/a.js', 'test/index.js', 'test/sub/b.js'];
  assert.deepEqual(namedTestFiles(root, ['test'], NODE_20).files, all);
  assert.deepEqual(namedTestFiles(root, ['test/'], NODE_22).files, ['test/index.js']);
  assert.deepEqual(namedTestFiles(root, ['lib'], NODE_20).files, ['lib/d.test.js']);
});

test('a link that leads back to its own folder ends the walk', (t) => {
  const root = folderWith(t, ['test/a.js']);
  symlinkSync('..', join(root, 'test', 'loop'));
  assert.deepEqual(defaultTestFiles(root, NODE_20), ['test/a.js']);
  assert.deepEqual(defaultTestFiles(root, NODE_22), ['test/a.js']);
});
