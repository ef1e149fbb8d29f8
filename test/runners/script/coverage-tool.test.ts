import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCoverageFile, readCoverageFlags, settle } from '../../../src/runners/node-test/script/coverage-tool.ts';
import { folderWith } from './project.ts';

const flags = (line: string) => readCoverageFlags(line.split(' '), 'c8 in scripts.test');
const settled = (line: string) => settle([flags(line).said]);
const commandOf = (line: string) => line.split(' ').slice(flags(line).commandAt).join(' ');

test('finds where the command behind the flags starts', () => {
  assert.equal(commandOf('--100 node --test'), 'node --test');
  assert.equal(commandOf('-r lcov --reporter=text --check-coverage --lines 90 node --test -x'), 'node --test -x');
  assert.equal(commandOf('--all --src lib --no-clean --per-file false -- npm test'), 'npm test');
  assert.equal(commandOf('-o out -n src/** -x a.js borp'), 'borp');
  assert.equal(commandOf('--lines=90'), '');
});

test('limits count only when they are checked', () => {
  assert.equal(settled('--lines 80 node --test'), null);
  assert.deepEqual(settled('--check-coverage --lines 80 --branches=70.555 x')?.floor, { lines: 80, branches: 70.55 });
  assert.deepEqual(settled('--check-coverage x')?.floor, { lines: 90 });
  assert.deepEqual(settled('--100 --lines 5 x')?.floor, { lines: 100, branches: 100, functions: 100, statements: 100 });
  assert.deepEqual(settled('--check-coverage --lines 0 x')?.floor, {});
});

test('per-file limits are no floor', () => {
  assert.deepEqual(settled('--check-coverage --per-file --lines 80 x'), {
    from: 'c8 in scripts.test', include: null, exclude: null, floor: null, perFile: { lines: 80 },
  }); // prettier-ignore
});

test('nonsense in place of a limit is no limit', () => {
  for (const limit of ['abc', '101', '-1', 'NaN'])
    assert.deepEqual(settled(`--check-coverage --lines=${limit} x`)?.floor, { lines: 90 }, limit);
});

test('reads the first configuration file upwards; flags come before it', (t) => {
  const root = folderWith(t, {
    '.c8rc.json': JSON.stringify({ include: ['lib/**'], exclude: 'x/**', 'check-coverage': true, lines: 70, perFile: false }),
    'package.json': JSON.stringify({ c8: { include: ['never'] } }),
    'sub/a.js': '',
  });
  const { said } = readCoverageFile(`${root}/sub`, root, null);
  assert.ok(said);
  assert.deepEqual(settle([said]), { from: '.c8rc.json', include: ['lib/**'], exclude: ['x/**'], floor: { lines: 70 }, perFile: null });
  const both = settle([flags('-n src/** --lines 99 x').said, said]);
  assert.deepEqual(both, {
    from: 'c8 in scripts.test and .c8rc.json',
    include: ['src/**'],
    exclude: ['x/**'],
    floor: { lines: 99 },
    perFile: null,
  });
});

test('reads the key in package.json and a file that is named', (t) => {
  const root = folderWith(t, {
    'package.json': JSON.stringify({ nyc: { checkCoverage: true, lines: 60, functions: 50 } }),
    'cov/c.json': JSON.stringify({ include: 'only/**' }),
  });
  const { said } = readCoverageFile(root, root, null);
  assert.deepEqual(settle(said === null ? [] : [said])?.floor, { lines: 60, functions: 50 });
  assert.equal(said?.from, 'nyc in package.json');
  assert.deepEqual(readCoverageFile(root, root, 'cov/c.json').said?.include, ['only/**']);
});

test('names what it found and cannot read', (t) => {
  const root = folderWith(t, { '.nycrc': '{ broken', '.nycrc.yml': 'lines: 90', 'package.json': '{}' });
  assert.deepEqual(readCoverageFile(root, root, null), { said: null, unread: ['.nycrc', '.nycrc.yml'] });
});
